import type { Signal } from '../links/signal.js';

/** Asks whether devices are well before they are searched on. */
export abstract class HealthDoor {
  /** A check of a device has ended. */
  abstract readonly checked: Signal<{ deviceId: string; healthy: boolean }>;
  /** Checks those that were not checked lately, for `owner`. Asking twice is asking once. */
  abstract ensureHealthy(
    deviceIds: readonly string[],
    owner: string,
  ): Promise<{
    readonly ready: readonly string[];
    readonly waiting: readonly string[];
    readonly refused: ReadonlyArray<{ readonly deviceId: string; readonly code: string; readonly message: string }>;
  }>;
}
