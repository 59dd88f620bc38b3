import { randomUUID } from 'node:crypto';
import {
  type ErrorCode,
  errorOf,
  errorStatus,
  headers as headerNames,
  isLabError,
  LabError,
  pageOf,
} from '@hilltop/contracts';
import { systemCode } from '../shell/system-code.js';

/** Anything with zod's `parse`: the answer is validated here, once. */
export interface Schema<T> {
  parse(value: unknown): T;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface ClientOptions {
  readonly url: string;
  readonly token?: string;
  readonly signal?: AbortSignal;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly fetch?: typeof fetch;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  /** Whether doing it twice is doing it once. */
  readonly safe: boolean;
  /** The answer comes at its own pace, however long it is. */
  readonly streams?: boolean;
}

/** A whole answer of the lab should be here after this; downloads and uploads have their own pace. */
const answerMs = 30_000;
/** Waits before each further try of a call that may be repeated. */
const pausesMs = [200, 1000];

/** REST client of a lab. Every method throws LabErrors only; an unreachable lab is `lab.unreachable` with the remedy. */
export class LabClient {
  readonly url: string;
  constructor(private readonly options: ClientOptions) {
    this.url = options.url.replace(/\/+$/, '');
  }

  get token(): string | undefined {
    return this.options.token;
  }

  async get<T>(path: string, schema: Schema<T>, query?: Query): Promise<T> {
    return this.json(await this.send({ method: 'GET', path, safe: true, ...(query && { query }) }), schema);
  }

  /** All pages of a list. */
  async list<T>(path: string, item: Parameters<typeof pageOf>[0] & Schema<T>, query: Query = {}): Promise<T[]> {
    const page = pageOf(item) as unknown as Schema<{ items: T[]; next?: string }>;
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const answer: { items: T[]; next?: string } = await this.get(path, page, { ...query, cursor });
      items.push(...answer.items);
      cursor = answer.next;
    } while (cursor !== undefined);
    return items;
  }

  /** POST with an idempotency key, so that a lost answer can be asked for again. */
  async post<T>(path: string, body: unknown, schema: Schema<T>, key: string = randomUUID()): Promise<T> {
    const call = { method: 'POST', path, safe: true, body: JSON.stringify(body) } as const;
    return this.json(await this.send({ ...call, headers: { ...json, [headerNames.idempotencyKey]: key } }), schema);
  }

  async patch<T>(path: string, body: unknown, schema: Schema<T>): Promise<T> {
    const key = { [headerNames.idempotencyKey]: randomUUID() };
    return this.json(
      await this.send({ method: 'PATCH', path, safe: true, body: JSON.stringify(body), headers: { ...json, ...key } }),
      schema,
    );
  }

  async delete(path: string): Promise<void> {
    const headers = { [headerNames.idempotencyKey]: randomUUID() };
    await this.send({ method: 'DELETE', path, safe: true, headers });
  }

  /** Raw bytes at an offset of an upload. Never repeated blindly: the caller asks for the offset first. */
  async append<T>(path: string, offset: number, bytes: Uint8Array<ArrayBuffer>, schema: Schema<T>): Promise<T> {
    const headers = { 'content-type': 'application/octet-stream', [headerNames.uploadOffset]: String(offset) };
    return this.json(await this.send({ method: 'PATCH', path, safe: false, body: bytes, headers }), schema);
  }

  /** The body of an answer as a stream of bytes. */
  async download(path: string, query?: Query): Promise<ReadableStream<Uint8Array>> {
    const response = await this.send({ method: 'GET', path, safe: true, streams: true, ...(query && { query }) });
    if (!response.body) throw new LabError('lab.internal', `${path} came back empty`);
    return response.body as ReadableStream<Uint8Array>;
  }

  private async json<T>(response: Response, schema: Schema<T>): Promise<T> {
    let value: unknown;
    try {
      value = await response.json();
    } catch (error) {
      throw new LabError(
        'wire.invalid',
        `${this.url} answered something that is not JSON: is it a Hilltop lab?`,
        {},
        { cause: error },
      );
    }
    try {
      return schema.parse(value);
    } catch (error) {
      const remedy = 'this hilltop and the lab are of different versions: use the one of the lab';
      throw new LabError(
        'wire.invalid',
        `${new URL(response.url).pathname} answered in an unknown form; ${remedy}`,
        {},
        { cause: error },
      );
    }
  }

  private async send(call: Call): Promise<Response> {
    for (let attempt = 0; ; attempt++) {
      const pause = call.safe ? pausesMs[attempt] : undefined;
      try {
        const response = await this.once(call);
        if (response.ok) return response;
        const error = await this.refusal(response);
        if (pause === undefined || ![429, 502, 503, 504].includes(response.status)) throw error;
      } catch (error) {
        if (isLabError(error) || this.options.signal?.aborted) throw this.interrupted(error);
        // Nobody listens there: trying again at once would only delay the message.
        if (pause === undefined || networkCode(error) === 'ECONNREFUSED') throw this.unreachable(error);
      }
      await (this.options.sleep ?? sleepMs)(pause);
    }
  }

  private once(call: Call): Promise<Response> {
    const url = new URL(`${this.url}${call.path}`);
    for (const [name, value] of Object.entries(call.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const signals = [
      ...(call.streams ? [] : [AbortSignal.timeout(answerMs)]),
      ...(this.options.signal ? [this.options.signal] : []),
    ];
    return (this.options.fetch ?? fetch)(url, {
      method: call.method,
      headers: {
        accept: 'application/json',
        ...(this.options.token && { authorization: `Bearer ${this.options.token}` }),
        ...call.headers,
      },
      ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
      ...(call.body !== undefined && { body: call.body }),
    });
  }

  private async refusal(response: Response): Promise<LabError> {
    const text = await response.text();
    const problem = errorOf(parseJson(text));
    if (problem) return isAuthentication(problem.code) ? withRemedy(problem, this.url) : problem;
    const code = (Object.keys(errorStatus) as ErrorCode[]).find(
      (known) => fallbackCodes.includes(known) && errorStatus[known] === response.status,
    );
    return new LabError(
      code ?? 'lab.internal',
      `${this.url} answered ${response.status} ${response.statusText}: is it a Hilltop lab?`,
      { status: response.status },
    );
  }

  private interrupted(error: unknown): unknown {
    return isLabError(error) ? error : new LabError('run.cancelled', 'stopped by you', {}, { cause: error });
  }

  private unreachable(error: unknown): LabError {
    const code = networkCode(error);
    const why =
      code === 'ECONNREFUSED'
        ? 'nobody listens there'
        : code === 'ENOTFOUND'
          ? 'the name is unknown'
          : (code ?? String(error));
    return new LabError(
      'lab.unreachable',
      `no lab at ${this.url} (${why}): is it running? \`hilltop up\` starts one here, \`hilltop login URL\` chooses another`,
      { url: this.url, ...(code && { code }) },
      { cause: error },
    );
  }
}

const json = { 'content-type': 'application/json' };
/** Codes for an answer that came from something in between: a proxy, another program on the port. */
const fallbackCodes: readonly ErrorCode[] = [
  'auth.missing',
  'auth.forbidden',
  'request.not-found',
  'request.too-large',
  'request.conflict',
  'request.rate-limited',
  'lab.unreachable',
];

const isAuthentication = (code: ErrorCode): boolean =>
  ['auth.missing', 'auth.unknown', 'auth.expired', 'auth.revoked', 'auth.malformed'].includes(code);

function withRemedy(error: LabError, url: string): LabError {
  return new LabError(
    error.code,
    `${error.message}; sign in with \`hilltop login ${url} --token T\` or set HILLTOP_TOKEN`,
    error.details,
    { cause: error },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `ECONNREFUSED` and the like, which fetch hides in its cause. */
function networkCode(error: unknown): string | undefined {
  for (let at = error; typeof at === 'object' && at !== null; at = 'cause' in at ? at.cause : undefined) {
    if ('name' in at && at.name === 'TimeoutError') return 'no answer in time';
    const code = systemCode(at);
    if (code !== undefined) return code;
  }
  return undefined;
}

const sleepMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
