/** What waits first of one owner and priority on one device. */
export interface QueueHead {
  readonly deviceId: string;
  readonly owner: string;
  readonly priority: number;
  /** Order of submission. */
  readonly position: number;
  readonly queuedAt: string;
  /** A health check: before everything, since the rest relies on it. */
  readonly canary: boolean;
}

/** Device time that was given out. */
export interface Served {
  readonly deviceId: string;
  readonly owner: string;
  readonly priority: number;
  readonly claimedAt: string;
  readonly endedAt: string | null;
}

/** A place in the queue: higher level first, then who used less of the device lately, then who came first. */
export interface Rank {
  readonly level: number;
  readonly usedMs: number;
}

/** What counts as lately: who stayed away longer has no more credit than that. */
export const fairWindowMs = 4 * 3600_000;
/** Passed over for so long, it counts one priority more: nobody starves behind a stream of better ones. */
export const ageingMs = 15 * 60_000;
/** Above every priority. */
const canaryLevel = 1000;

/**
 * Ranks what waits, each device for itself. Waiting lifts a low priority only up to the best that waits beside it, and being served takes the
 * lift away again: among equals device time decides, never patience.
 */
export function rankHeads<H extends QueueHead>(
  heads: readonly H[],
  served: readonly Served[],
  nowMs: number,
): Array<H & Rank> {
  const top = new Map<string, number>();
  for (const { deviceId, priority, canary } of heads)
    if (!canary) top.set(deviceId, Math.max(top.get(deviceId) ?? priority, priority));
  const used = new Map<string, number>();
  const last = new Map<string, number>();
  for (const { deviceId, owner, priority, claimedAt, endedAt } of served) {
    const from = Date.parse(claimedAt);
    const to = endedAt === null ? nowMs : Math.min(nowMs, Date.parse(endedAt));
    const user = `${deviceId} ${owner}`;
    used.set(user, (used.get(user) ?? 0) + Math.max(0, to - Math.max(from, nowMs - fairWindowMs)));
    const stream = `${user} ${priority}`;
    last.set(stream, Math.max(last.get(stream) ?? from, from));
  }
  return heads.map((head) => {
    const { deviceId, owner, priority, queuedAt, canary } = head;
    const since = Math.max(Date.parse(queuedAt), last.get(`${deviceId} ${owner} ${priority}`) ?? 0);
    const lift = Math.max(0, Math.floor((nowMs - since) / ageingMs));
    return {
      ...head,
      level: canary ? canaryLevel : Math.min(top.get(deviceId) ?? priority, priority + lift),
      usedMs: used.get(`${deviceId} ${owner}`) ?? 0,
    };
  });
}

/** Order of ranked heads. */
export function byRank(a: Rank & { position: number }, b: Rank & { position: number }): number {
  return b.level - a.level || a.usedMs - b.usedMs || a.position - b.position;
}
