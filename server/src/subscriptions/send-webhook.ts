import { lookup as resolveHost } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { errorText, isLabError } from '@hilltop/contracts';
import type { AddressPolicy } from './address-policy.js';

/** `gone`: the receiver says that it wants no more (410). */
export type Sent = { readonly ok: true } | { readonly ok: false; readonly error: string; readonly gone?: true };

/** A receiver that takes longer is asked again later. */
const answerMs = 15_000;

/**
 * Posts once and says what came of it; never throws. The connection goes to an address that was checked just before, redirects are not followed, and
 * of the answer nothing but its status is kept: the lab is nobody's way into a network.
 */
export function sendWebhook(
  policy: AddressPolicy,
  address: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal?: AbortSignal,
): Promise<Sent> {
  return new Promise((resolve) => {
    const failed = (error: unknown) =>
      resolve({ ok: false, error: isLabError(error) ? error.message : errorText(error) || 'no connection' });
    try {
      const url = new URL(address);
      policy.checkUrl(url);
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const asked = send(
        url,
        {
          method: 'POST',
          agent: false,
          lookup: checkedLookup(policy, url),
          signal: signal ? AbortSignal.any([signal, AbortSignal.timeout(answerMs)]) : AbortSignal.timeout(answerMs),
          headers: {
            ...headers,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            'user-agent': 'hilltop',
          },
        },
        (response) => {
          const status = response.statusCode ?? 0;
          response.destroy();
          if (status >= 200 && status < 300) resolve({ ok: true });
          else resolve({ ok: false, error: `answered ${status}`, ...(status === 410 && { gone: true as const }) });
        },
      );
      asked.on('error', failed);
      asked.end(body);
    } catch (error) {
      failed(error);
    }
  });
}

/** Resolves once, checks every address, and hands on those: what is checked is what is connected to. */
function checkedLookup(policy: AddressPolicy, url: URL): LookupFunction {
  return (hostname, options, done) => {
    resolveHost(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '', 0);
      try {
        for (const { address } of addresses) policy.checkAddress(url, address);
      } catch (refusal) {
        return done(refusal as Error, '', 0);
      }
      if (options.all) return done(null, addresses);
      const first = addresses[0];
      return first ? done(null, first.address, first.family) : done(new Error(`${hostname} has no address`), '', 0);
    });
  };
}
