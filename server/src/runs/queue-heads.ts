import { heldStates } from '@hilltop/contracts';
import type { EntityManager } from 'typeorm';
import type { DeviceHold } from '../leases/lease-book.js';
import type { DispatchHead } from './dispatch-choice.js';
import { fairWindowMs, type QueueHead, rankHeads, type Served } from './queue-order.js';

/** Claims of a device that are looked at for fairness: they cover the window for all but the shortest runs. */
const claimsLookedAt = 200;

/** A manager, or whatever asks the database the same way. */
type Asker = Pick<EntityManager, 'query'>;
/** Who holds which devices (`LeaseBook.holds`). */
export type Holds = (deviceIds: readonly string[]) => Promise<ReadonlyMap<string, Pick<DeviceHold, 'owner'>>>;

export interface RankedHead extends DispatchHead, QueueHead {
  readonly level: number;
  readonly usedMs: number;
}

/**
 * The oldest waiting run of each owner and priority on each idle device, of jobs that may measure on one more. Only the index of what waits is read:
 * of devices few are idle, runs may have ended by the hundred thousand.
 */
const headsQuery = `
  WITH waiting AS (
    SELECT run."deviceId" AS "deviceId", run."jobId" AS "jobId", MIN(run.position) AS "position"
    FROM device CROSS JOIN run
    WHERE run."deviceId" = device.id AND run.state = 'queued' AND run."artifactSha256" IS NOT NULL
      AND device.state = 'available' AND device."currentRunId" IS NULL
    GROUP BY run."deviceId", run."jobId"
  ), heads AS (
    SELECT waiting."deviceId" AS "deviceId", waiting."jobId" AS "jobId", waiting."position" AS "position",
      device."agentId" AS "agentId", device.emulated AS "emulated", job.owner AS "owner", job.priority AS "priority",
      job.parallel AS "parallel", job.purpose AS "purpose",
      ROW_NUMBER() OVER (
        PARTITION BY waiting."deviceId", job.purpose, job.owner, job.priority ORDER BY waiting."position"
      ) AS "place"
    FROM waiting JOIN job ON job.id = waiting."jobId" JOIN device ON device.id = waiting."deviceId"
    WHERE (device.quarantine IS NULL OR job.purpose = 'canary') AND (job.parallel IS NULL OR job.parallel > (
      SELECT COUNT(*) FROM run held
      WHERE held."jobId" = job.id AND held.state IN (${heldStates.map((state) => `'${state}'`).join(', ')})
    ))
  )
  SELECT run.id AS "runId", heads.*, run."queuedAt" AS "queuedAt"
  FROM heads JOIN run ON run.position = heads."position" WHERE heads."place" = 1`;

interface HeadRow {
  readonly runId: string;
  readonly deviceId: string;
  readonly jobId: string;
  readonly position: number | string;
  readonly agentId: string;
  readonly emulated: unknown;
  readonly owner: string;
  readonly priority: number;
  readonly parallel: number | null;
  readonly purpose: string;
  readonly queuedAt: string;
}

/** What may start on the devices that are idle, each ranked in the queue of its device; of others than its holder nothing on a device that is held. */
export async function queueHeads(asker: Asker, holds: Holds, nowMs: number): Promise<RankedHead[]> {
  const rows = (await asker.query(headsQuery)) as HeadRow[];
  if (rows.length === 0) return [];
  const held = await holds([...new Set(rows.map((row) => row.deviceId))]);
  const heads = rows
    .filter(({ deviceId, owner }) => (held.get(deviceId)?.owner ?? owner) === owner)
    .map(({ purpose, ...row }) => ({
      ...row,
      position: Number(row.position),
      emulated: Boolean(row.emulated),
      canary: purpose === 'canary',
    }));
  return rankHeads(heads, await servedLately(asker, contended(heads), nowMs), nowMs);
}

/** Devices on which there is something to decide. */
function contended(heads: ReadonlyArray<{ deviceId: string }>): string[] {
  const counts = new Map<string, number>();
  for (const { deviceId } of heads) counts.set(deviceId, (counts.get(deviceId) ?? 0) + 1);
  return [...counts].filter(([, n]) => n > 1).map(([deviceId]) => deviceId);
}

/** Device time given out on these within the window. */
export async function servedLately(asker: Asker, deviceIds: readonly string[], nowMs: number): Promise<Served[]> {
  if (deviceIds.length === 0) return [];
  const query = `
    SELECT attempt."deviceId" AS "deviceId", job.owner AS "owner", job.priority AS "priority",
      attempt."claimedAt" AS "claimedAt", attempt."endedAt" AS "endedAt"
    FROM device CROSS JOIN attempt JOIN run ON run.id = attempt."runId" JOIN job ON job.id = run."jobId"
    WHERE device.id IN (${deviceIds.map(() => '?').join(', ')}) AND attempt."deviceId" = device.id
      AND attempt.fence > device.fence - ${claimsLookedAt} AND (attempt."endedAt" IS NULL OR attempt."endedAt" > ?)`;
  return (await asker.query(query, [...deviceIds, new Date(nowMs - fairWindowMs).toISOString()])) as Served[];
}
