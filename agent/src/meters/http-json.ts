import { createHash, randomBytes } from 'node:crypto';
import { errorText, LabError } from '@hilltop/contracts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** An answer of a plug's own little server; `fetch` but for tests. */
export type Fetch = (url: string, init: { headers: Record<string, string>; signal: AbortSignal }) => Promise<Response>;

export interface HttpJsonOptions {
  /** `http://10.0.0.5`, without credentials: messages name it. */
  readonly base: string;
  readonly credentials?: Credentials;
  readonly fetch?: Fetch;
  readonly timeoutMs?: number;
}

const usualTimeoutMs = 2000;

/**
 * Asks for JSON at a path, and answers a challenge, Basic or Digest (RFC 7616; Shelly: SHA-256). Throws `device.no-answer`, `device.refused`
 * (credentials), `device.protocol`. Nothing of the credentials, nor of the query, is in a message.
 */
export function httpJson(options: HttpJsonOptions): (path: string) => Promise<unknown> {
  const { base, credentials } = options;
  const request = options.fetch ?? fetch;
  let authorize: ((path: string) => string) | undefined;
  const ask = async (path: string): Promise<Response> => {
    try {
      return await request(`${base}${path}`, {
        headers: { ...(authorize && { authorization: authorize(path) }) },
        signal: AbortSignal.timeout(options.timeoutMs ?? usualTimeoutMs),
      });
    } catch (error) {
      const why = error instanceof Error && error.cause ? errorText(error.cause) : errorText(error);
      throw new LabError('device.no-answer', `${base} does not answer: ${why.replaceAll(path, '')}`);
    }
  };
  return async (path) => {
    let reply = await ask(path);
    if (reply.status === 401 && credentials) {
      await reply.body?.cancel();
      authorize = answerTo(reply.headers.get('www-authenticate') ?? '', credentials);
      reply = await ask(path);
    }
    if (reply.status === 401)
      throw new LabError('device.refused', `${base} wants a password: add user=... and password=..., the right ones`);
    if (!reply.ok) throw new LabError('device.protocol', `${base} answers with status ${reply.status}`);
    try {
      return JSON.parse(await reply.text()) as unknown;
    } catch {
      throw new LabError('device.protocol', `${base} answers something that is not JSON`);
    }
  };
}

/** How requests are authorized from a challenge on; a Digest counts them. */
function answerTo(challenge: string, credentials: Credentials): (path: string) => string {
  const { user, password } = credentials;
  if (!/^digest /i.test(challenge))
    return () => `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
  let count = 0;
  return (path) => digestAnswer(challenge, credentials, path, ++count, randomBytes(8).toString('hex'));
}

/** Pure: the `Authorization` of a GET that answers a Digest challenge. */
export function digestAnswer(
  challenge: string,
  { user, password }: Credentials,
  path: string,
  count: number,
  clientNonce: string,
): string {
  const fields = new Map<string, string>();
  for (const [, name, quoted, bare] of challenge.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g))
    fields.set(name!.toLowerCase(), quoted ?? bare!);
  const field = (name: string): string => fields.get(name) ?? '';
  const algorithm = fields.get('algorithm') ?? 'MD5';
  const hash = (text: string): string =>
    createHash(/sha-256/i.test(algorithm) ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const nc = count.toString(16).padStart(8, '0');
  const secret = hash(`${user}:${field('realm')}:${password}`);
  const what = hash(`GET:${path}`);
  const response = fields.has('qop')
    ? hash([secret, field('nonce'), nc, clientNonce, 'auth', what].join(':'))
    : hash([secret, field('nonce'), what].join(':'));
  const quoted = { username: user, realm: field('realm'), nonce: field('nonce'), uri: path, response };
  return `Digest ${[
    ...Object.entries(quoted).map(([name, value]) => `${name}="${value}"`),
    `algorithm=${algorithm}`,
    ...(fields.has('opaque') ? [`opaque="${field('opaque')}"`] : []),
    ...(fields.has('qop') ? ['qop=auth', `nc=${nc}`, `cnonce="${clientNonce}"`] : []),
  ].join(', ')}`;
}
