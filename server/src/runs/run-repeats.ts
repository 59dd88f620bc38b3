import type { Run } from '@hilltop/contracts';
import { type EntityManager, In } from 'typeorm';
import { RunEntity } from './run.entity.js';

export type Repeats = Pick<Run, 'repeatedAs' | 'unstable'>;

/**
 * What the repetition of disturbed runs makes of each of these: which run does it again, and, for the last that its protocol allows, how often it was disturbed
 * in all. Absent: neither. One query for the next, one for each step back, and there are three at most.
 */
export async function repeatsOf(manager: EntityManager, rows: readonly RunEntity[]): Promise<Map<string, Repeats>> {
  const columns = { id: true, repeatOf: true } as const;
  const next = await manager.find(RunEntity, { select: columns, where: { repeatOf: In(rows.map(({ id }) => id)) } });
  const after = new Map(next.map((row) => [row.repeatOf!, row.id]));
  const before = new Map<string, string | null>(rows.map((row) => [row.id, row.repeatOf]));
  for (;;) {
    const unknown = [...new Set([...before.values()].filter((id) => id !== null && !before.has(id)))] as string[];
    if (unknown.length === 0) break;
    const found = await manager.find(RunEntity, { select: columns, where: { id: In(unknown) } });
    for (const id of unknown) before.set(id, null);
    for (const row of found) before.set(row.id, row.repeatOf);
  }
  const timesBefore = (id: string): number => {
    const earlier = before.get(id) ?? undefined;
    return earlier === undefined ? 0 : 1 + timesBefore(earlier);
  };
  return new Map(
    rows.map((row) => {
      const times = timesBefore(row.id);
      // Only disturbed runs are done again, so all before this one were.
      const last = times > 0 && times >= (row.protocol.repeats ?? 0) && !after.has(row.id);
      // As for repeating: a hit, not a kernel that tells too little.
      const unstable = last && row.verdict?.evidence.some(({ level }) => level !== 'ok');
      const repeatedAs = after.get(row.id);
      return [row.id, { ...(repeatedAs !== undefined && { repeatedAs }), ...(unstable && { unstable: times + 1 }) }];
    }),
  );
}
