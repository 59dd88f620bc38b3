import { digestAnswer } from '../http-json.js';
import type { PlugAnswer, PlugDisplay, SimulatedPlug } from './plug-display.js';
import { rounded } from './plug-display.js';

export interface SimulatedShellyOptions {
  readonly display: PlugDisplay;
  readonly generation?: 1 | 2;
  /** The second generation's user is always `admin`. */
  readonly credentials?: { readonly user: string; readonly password: string };
}

const realm = 'shellyplusplugs-000000000000';
const nonce = '60dc59c6';
const volts = 230;
const unixStart = 1_700_000_000;

/** A Shelly plug with its pages: `/status` and Basic of the first generation, `/rpc/...` and Digest of the second. */
export function simulatedShelly(options: SimulatedShellyOptions): SimulatedPlug {
  const { display, generation = 2, credentials } = options;
  return {
    display,
    respond: (url, authorization): PlugAnswer => {
      display.refresh();
      const path = `${url.pathname}${url.search}`;
      if (credentials && !allowed(authorization, path, credentials, generation))
        return {
          status: 401,
          headers: {
            'www-authenticate':
              generation === 1
                ? 'Basic realm="Shelly"'
                : `Digest qop="auth", realm="${realm}", nonce="${nonce}", algorithm=SHA-256`,
          },
          body: {},
        };
      if (generation === 1 && url.pathname === '/status') return { status: 200, body: firstStatus(display) };
      if (generation === 2 && url.pathname === '/rpc/Switch.GetStatus')
        return url.searchParams.get('id') === '0'
          ? { status: 200, body: secondStatus(display) }
          : { status: 500, body: { code: -105, message: 'Argument id, value not found!' } };
      return { status: 404, body: {} };
    },
  };
}

function firstStatus({ watts, joules, seconds }: PlugDisplay): unknown {
  return {
    relays: [{ ison: true }],
    meters: [
      {
        power: rounded(watts, 2),
        is_valid: true,
        timestamp: unixStart + seconds,
        counters: [0, 0, 0],
        total: Math.floor(joules / 60),
      },
    ],
  };
}

function secondStatus({ watts, joules, seconds }: PlugDisplay): unknown {
  return {
    id: 0,
    source: 'loopback',
    output: true,
    apower: rounded(watts, 1),
    voltage: volts,
    current: rounded(watts / volts, 3),
    aenergy: {
      total: rounded(joules / 3600, 3),
      by_minute: [0, 0, 0],
      minute_ts: unixStart + Math.floor(seconds / 60) * 60,
    },
    temperature: { tC: 40, tF: 104 },
  };
}

function allowed(
  given: string | undefined,
  path: string,
  credentials: { readonly user: string; readonly password: string },
  generation: 1 | 2,
): boolean {
  if (given === undefined) return false;
  if (generation === 1)
    return given === `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
  const count = Number.parseInt(/nc=([0-9a-f]+)/.exec(given)?.[1] ?? '', 16);
  const clientNonce = /cnonce="([^"]*)"/.exec(given)?.[1] ?? '';
  const challenge = `Digest qop="auth", realm="${realm}", nonce="${nonce}", algorithm=SHA-256`;
  return given === digestAnswer(challenge, { ...credentials, user: 'admin' }, path, count, clientNonce);
}
