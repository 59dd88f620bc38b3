import { type Pulse, pulseMemory } from '@hilltop/contracts';

/** What has changed; a field that is there and undefined is over. */
export type PulsePart = { readonly [K in Exclude<keyof Pulse, 'deviceId' | 'atMs'>]?: Pulse[K] | undefined };

/** What each device does just now, and its last minute; in memory only. Pure: the clock is the caller's. */
export class DevicePulses {
  readonly #newest = new Map<string, Pulse>();
  readonly #past = new Map<string, Pulse[]>();
  readonly #changed = new Set<string>();

  beat(deviceId: string, part: PulsePart, atMs: number): void {
    const next = { ...this.#newest.get(deviceId), ...part, deviceId, atMs };
    const pulse = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)) as Pulse;
    this.#newest.set(deviceId, pulse);
    this.#changed.add(deviceId);
    const past = this.#past.get(deviceId) ?? [];
    this.#past.set(deviceId, past);
    // In steps of the memory: the newest is kept whole beside it.
    const last = past.at(-1);
    if (last !== undefined && atMs - last.atMs < pulseMemory.everyMs) return;
    past.push(pulse);
    if (past.length > pulseMemory.samples) past.shift();
  }

  newest(deviceId: string): Pulse | undefined {
    return this.#newest.get(deviceId);
  }

  /** Those that changed since the last time. */
  take(): Pulse[] {
    const taken = [...this.#changed].flatMap((id) => this.#newest.get(id) ?? []);
    this.#changed.clear();
    return taken;
  }

  /** What is remembered from `sinceMs` on, oldest first. */
  history(sinceMs: number): Pulse[] {
    return [...this.#past]
      .flatMap(([id, past]) => {
        const newest = this.#newest.get(id);
        return newest === undefined || newest === past.at(-1) ? past : [...past, newest];
      })
      .filter(({ atMs }) => atMs >= sinceMs)
      .sort((a, b) => a.atMs - b.atMs);
  }

  forget(deviceId: string): void {
    this.#newest.delete(deviceId);
    this.#past.delete(deviceId);
    this.#changed.delete(deviceId);
  }
}
