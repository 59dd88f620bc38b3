import type { Activity, Entities } from '@hilltop/contracts';

/** One thing that happened while the page was away, with where it is looked at. */
export interface MissedRow {
  readonly text: string;
  readonly href?: string;
}

/** What was held of the lab when the connection went. */
export interface Before {
  readonly entities: Pick<Entities, 'job' | 'device' | 'sweep'>;
  /** By the browser's clock, ms since 1970. */
  readonly atMs: number;
}

const endedStates: readonly string[] = ['succeeded', 'failed', 'cancelled'];
/** More rows are one number: whoever was away for a day reads the activity. */
export const shownMost = 6;

/**
 * What changed between what was held and what the lab has now: runs and jobs that ended, devices that went and came,
 * sweeps that ended, and what others did. Nothing for what the page itself saw happen.
 */
export function missedOf(
  before: Before,
  after: Before['entities'],
  activities: readonly Activity[],
  self: string | undefined,
): readonly MissedRow[] {
  const rows: MissedRow[] = [];
  const ended = (counts: { succeeded: number; failed: number; cancelled: number }): number =>
    counts.succeeded + counts.failed + counts.cancelled;
  let runs = 0;
  for (const [id, job] of after.job) {
    const was = before.entities.job.get(id);
    if (!was && Date.parse(job.createdAt) < before.atMs) continue; // known to the lab all along, not to this page
    runs += Math.max(0, ended(job.counts) - (was ? ended(was.counts) : 0));
    if (endedStates.includes(job.state) && was?.state !== job.state)
      rows.push({ text: `${job.name ?? job.modelName} ${job.state}`, href: `/jobs/${id}` });
  }
  if (runs > 0) rows.unshift({ text: runs === 1 ? '1 run ended' : `${runs} runs ended`, href: '/jobs' });
  for (const [id, device] of after.device) {
    const was = before.entities.device.get(id)?.state;
    const href = `/devices/${encodeURIComponent(device.name)}`;
    if (was === undefined) rows.push({ text: `${device.name} joined`, href });
    else if (was !== device.state && ['offline', 'quarantined'].includes(device.state))
      rows.push({
        text: device.state === 'offline' ? `${device.name} went offline` : `${device.name} was quarantined`,
        href,
      });
    else if (was === 'offline' && device.state !== 'offline') rows.push({ text: `${device.name} is back`, href });
  }
  for (const [id, sweep] of after.sweep) {
    const was = before.entities.sweep.get(id)?.state;
    if (was !== undefined && was !== sweep.state && endedStates.includes(sweep.state))
      rows.push({ text: `sweep ${sweep.name} ${sweep.state}`, href: `/sweeps/${id}` });
  }
  for (const { by, did, object, link, at, failed } of activities)
    if (Date.parse(at) >= before.atMs && by.owner !== self && failed === undefined)
      rows.push({ text: `${by.name} ${did}${object.name ? ` (${object.name})` : ''}`, ...(link && { href: link }) });
  return rows;
}
