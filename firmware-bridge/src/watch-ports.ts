import type { FoundPorts } from './list-ports.js';
import { type PortIdentity, portIdentities } from './port-identity.js';
import type { Timer } from './timer.js';

export interface PortWatchOptions {
  readonly list: () => Promise<FoundPorts>;
  readonly intervalMs: number;
  readonly timer: Timer;
  readonly onAppeared: (port: PortIdentity) => void;
  /** Also for a port that comes back under another name: gone with the old, appeared with the new one, under one key. */
  readonly onGone: (port: PortIdentity) => void;
}

export interface PortWatch {
  /** What is there as of the last look. */
  readonly ports: () => readonly PortIdentity[];
  /** Looks now, apart from the interval; resolves when its events are out. */
  readonly look: () => Promise<void>;
  readonly stop: () => void;
}

/**
 * Looks at the list of ports again and again, and tells what came and went (Node has no hot-plug event that works on every system).
 * The first look tells everything that is there. A look that fails changes nothing: the next one decides.
 */
export function watchPorts(options: PortWatchOptions): PortWatch {
  let known: readonly PortIdentity[] = [];
  let looking: Promise<void> | undefined;
  let cancel: (() => void) | undefined;
  let stopped = false;

  const look = async (): Promise<void> => {
    const found = await options.list().catch(() => undefined);
    if (!found || stopped) return;
    const now = portIdentities(found.ports);
    const changes = portChanges(known, now);
    known = now;
    for (const port of changes.gone) options.onGone(port);
    for (const port of changes.appeared) options.onAppeared(port);
  };
  const lookOnce = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const loop = (): void => {
    void lookOnce().finally(() => {
      if (!stopped) cancel = options.timer.after(options.intervalMs, loop);
    });
  };
  loop();
  return {
    ports: () => known,
    look: lookOnce,
    stop: () => {
      stopped = true;
      cancel?.();
    },
  };
}

/** Ports by key and name: what `after` has and `before` had not, and the other way round. */
export function portChanges(
  before: readonly PortIdentity[],
  after: readonly PortIdentity[],
): { readonly appeared: readonly PortIdentity[]; readonly gone: readonly PortIdentity[] } {
  const without = (from: readonly PortIdentity[], those: readonly PortIdentity[]): PortIdentity[] =>
    from.filter((port) => !those.some((other) => other.key === port.key && other.name === port.name));
  return { appeared: without(after, before), gone: without(before, after) };
}
