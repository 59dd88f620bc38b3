import { verify } from 'node:crypto';
import { MqttAssertion } from '@hilltop/contracts';
import { publicKeyOf } from '../lab/lab-identity.js';

/** Boards without a battery clock are this far off at most. */
export const allowedSkewSeconds = 120;
/** Longest life of an assertion; agents use 5 minutes. */
const longestSeconds = 600;

/** Used assertions, for as long as they could be used again. */
export class ReplayCache {
  readonly #used = new Map<string, number>();

  /** Remembers `id`; false when it was there already. */
  add(id: string, nowSeconds: number): boolean {
    for (const [old, until] of this.#used) {
      if (until > nowSeconds) break; // in order of insertion, and all live equally long
      this.#used.delete(old);
    }
    if (this.#used.has(id)) return false;
    this.#used.set(id, nowSeconds + longestSeconds + 2 * allowedSkewSeconds);
    return true;
  }
}

/** Checks `base64url(JSON).base64url(Ed25519)` of an agent; answers why it is refused, or the assertion. */
export function checkAssertion(
  text: string,
  publicKey: string,
  labId: string,
  nowSeconds: number,
): { refusal: string } | { assertion: MqttAssertion } {
  const [body, signature, ...rest] = text.split('.');
  if (!body || !signature || rest.length > 0) return { refusal: 'not an assertion' };
  let assertion: MqttAssertion;
  try {
    if (!verify(null, Buffer.from(body), publicKeyOf(publicKey), Buffer.from(signature, 'base64url')))
      return { refusal: 'wrong signature' };
    assertion = MqttAssertion.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
  } catch {
    return { refusal: 'not an assertion' };
  }
  if (assertion.aud !== labId) return { refusal: 'made for another lab' };
  if (assertion.exp - assertion.iat > longestSeconds) return { refusal: 'lives too long' };
  if (assertion.iat > nowSeconds + allowedSkewSeconds) return { refusal: 'from the future: set the clock' };
  if (assertion.exp < nowSeconds - allowedSkewSeconds) return { refusal: 'expired: set the clock' };
  return { assertion };
}
