import { randomBytes } from 'node:crypto';
import { AgentJoined, errorOf, errorText, LabError, LabKey } from '@hilltop/contracts';
import { type Identity, type Membership, sha256Hex } from './identity.js';

export interface JoinRequest {
  readonly url: string;
  /** With its `.16hex` tail. */
  readonly token: string;
  readonly name: string;
  readonly identity: Identity;
  readonly fetch: typeof fetch;
}

const answerTimeoutMs = 15_000;

/**
 * Enrols at a lab: learns its key, compares the fingerprint with the token's tail, and only then sends the
 * token. Safe to repeat: the lab answers the same key with the same agent. Throws `join.*`, `link.unreachable`.
 */
export async function join(request: JoinRequest): Promise<Membership> {
  const [token, tail] = request.token.split('.') as [string, string];
  const key = LabKey.safeParse(await call(request, '/api/v1/lab/key'));
  if (!key.success) throw new LabError('link.unreachable', `${request.url} is not a lab: its key has another form`);
  const fingerprint = sha256Hex(Buffer.from(key.data.publicKey, 'base64url')).slice(0, 16);
  if (fingerprint !== tail || key.data.fingerprint !== tail) {
    throw new LabError(
      'join.fingerprint-mismatch',
      `${request.url} is not the lab that made this token (its key is ${fingerprint}, the token says ${tail}); the token was not sent`,
    );
  }
  const nonce = randomBytes(16).toString('base64url');
  const body = {
    joinToken: token,
    publicKey: request.identity.publicKey,
    name: request.name,
    nonce,
    proof: request.identity.sign(`hilltop-join|${fingerprint}|${sha256Hex(token)}|${nonce}`),
  };
  const joined = AgentJoined.safeParse(await call(request, '/api/v1/agents', body));
  if (!joined.success)
    throw new LabError('link.unreachable', `${request.url} answered the request to join in another form`);
  return { url: request.url, ...joined.data, fingerprint, tokenHash: sha256Hex(request.token) };
}

async function call(request: JoinRequest, path: string, body?: unknown): Promise<unknown> {
  let response: Response;
  let answer: unknown;
  try {
    response = await request.fetch(request.url + path, {
      signal: AbortSignal.timeout(answerTimeoutMs),
      ...(body !== undefined && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    answer = await response.json();
  } catch (error) {
    throw new LabError(
      'link.unreachable',
      `no lab answers at ${request.url}: ${errorText(error)}`,
      {},
      { cause: error },
    );
  }
  if (response.ok) return answer;
  throw errorOf(answer) ?? new LabError('link.unreachable', `${request.url} answered ${response.status}`);
}

/** Milliseconds the lab's clock is ahead of ours, from the HTTP date; for boards that start without a clock. */
export async function clockOffsetMs(
  url: string,
  fetchFrom: typeof fetch,
  now: () => number,
): Promise<number | undefined> {
  try {
    const response = await fetchFrom(`${url}/api/v1/lab/key`, { signal: AbortSignal.timeout(answerTimeoutMs) });
    const date = Date.parse(response.headers.get('date') ?? '');
    return Number.isNaN(date) ? undefined : date - now();
  } catch {
    // An unreachable lab says nothing about the clock; the next attempt asks again.
    return undefined;
  }
}
