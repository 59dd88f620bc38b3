import { errorOf, headers, LabError } from '@hilltop/contracts';
import * as z from 'zod';
import type { ServerClock } from './server-clock.js';

export interface RestPorts {
  readonly fetch: typeof fetch;
  readonly token: () => string | undefined;
  /** The token was refused: the session has ended. */
  readonly onUnauthorized: (error: LabError) => void;
  readonly clock: ServerClock;
  readonly uuid: () => string;
}

export interface RestRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON, or as it is when it is a Blob. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** The REST door: answers are validated here once, failures become LabErrors with the server's code. */
export type Rest = <S extends z.ZodType>(path: string, schema: S, request?: RestRequest) => Promise<z.infer<S>>;

/** For answers without a body. */
export const Nothing = z.unknown().transform(() => undefined);

export function createRest(ports: RestPorts): Rest {
  return async (path, schema, request = {}) => {
    const response = await send(ports, path, request);
    ports.clock.observe(response.headers.get('date') ?? undefined);
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) {
      const error =
        errorOf(body) ??
        new LabError('lab.internal', `the lab answered ${response.status}; its log says more`, { path });
      if (response.status === 401 && !path.startsWith('sessions')) ports.onUnauthorized(error);
      throw error;
    }
    const parsed = schema.safeParse(body);
    if (!parsed.success) {
      throw new LabError('wire.version', 'the lab was updated since this page was loaded: reload it', {
        path,
        issues: parsed.error.issues.slice(0, 3),
      });
    }
    return parsed.data;
  };
}

/** The bytes of a path, for taking an artifact home. Throws like `Rest`. */
export type RestBytes = (path: string) => Promise<Blob>;

export function createRestBytes(ports: RestPorts): RestBytes {
  return async (path) => {
    const response = await send(ports, path, {});
    if (!response.ok)
      throw (
        errorOf(await response.json().catch(() => undefined)) ??
        new LabError('lab.internal', `the lab answered ${response.status}; its log says more`, { path })
      );
    return response.blob();
  };
}

async function send(ports: RestPorts, path: string, request: RestRequest): Promise<Response> {
  const token = ports.token();
  const method = request.method ?? 'GET';
  const raw = request.body instanceof Blob;
  const query = new URLSearchParams(
    Object.entries(request.query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  try {
    return await ports.fetch(`/api/v1/${path}${query.size > 0 ? `?${query}` : ''}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(request.body !== undefined && { 'content-type': raw ? 'application/octet-stream' : 'application/json' }),
        ...(method === 'POST' && { [headers.idempotencyKey]: ports.uuid() }),
        ...request.headers,
      },
      ...(request.body !== undefined && { body: raw ? (request.body as Blob) : JSON.stringify(request.body) }),
      ...(request.signal && { signal: request.signal }),
    });
  } catch (cause) {
    if (request.signal?.aborted) throw cause;
    throw new LabError('lab.unreachable', 'the lab did not answer; is it running?', {}, { cause });
  }
}
