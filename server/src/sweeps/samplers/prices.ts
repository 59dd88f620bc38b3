import type { ProtocolName } from '@hilltop/contracts';
import type { SearchResult } from './sampler.js';

/** What a run costs before any has been seen, in units of a quick one: the protocols' own loops with what goes around them. */
const guesses = { quick: 1, standard: 4, strict: 15 } as const satisfies Record<ProtocolName, number>;

/** Seconds for which a run of a protocol holds a device: as its own runs did, else as those of another protocol or device let expect. */
export function priceOf(protocol: ProtocolName, deviceId: string, results: readonly SearchResult[]): number {
  const own = results.filter((result) => result.deviceId === deviceId);
  const seen = meanSeconds(own, protocol);
  if (seen !== undefined) return seen;
  for (const known of ['standard', 'quick', 'strict'] as const) {
    const there = meanSeconds(own, known);
    if (there !== undefined) return there * ratio(protocol, known, results);
  }
  return meanSeconds(results, protocol) ?? guesses[protocol];
}

/** Of one protocol's time to another's, on whatever device has both. */
function ratio(one: ProtocolName, other: ProtocolName, results: readonly SearchResult[]): number {
  for (const deviceId of new Set(results.map((result) => result.deviceId))) {
    const there = results.filter((result) => result.deviceId === deviceId);
    const [a, b] = [meanSeconds(there, one), meanSeconds(there, other)];
    if (a !== undefined && b !== undefined) return a / b;
  }
  return guesses[one] / guesses[other];
}

function meanSeconds(results: readonly SearchResult[], protocol: ProtocolName): number | undefined {
  const seconds = results
    .filter((result) => result.protocol === protocol && result.metrics && result.deviceSeconds > 0)
    .map((result) => result.deviceSeconds);
  return seconds.length > 0 ? seconds.reduce((sum, value) => sum + value, 0) / seconds.length : undefined;
}
