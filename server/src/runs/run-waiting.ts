import { heldStates, type Protocol, type Waiting } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { type EntityManager, In, IsNull, Not } from 'typeorm';
import { CoolDowns } from '../devices/cool-downs.js';
import { DeviceEntity } from '../devices/device.entity.js';
import { JobEntity } from '../jobs/job.entity.js';
import { LeaseBook } from '../leases/lease-book.js';
import { Database } from '../links/database.js';
import { RunEntity } from './run.entity.js';
import { explainWaiting, middleSeconds, type WaitingGroup } from './waiting.js';

/** Claims of a device whose length says how long the next ones take. */
const claimsLookedAt = 40;
/** A health check comes before every priority. */
const canaryPriority = 1000;

type Queued = Pick<RunEntity, 'id' | 'jobId' | 'deviceId' | 'state' | 'artifactSha256' | 'protocol'>;
interface GroupRow {
  readonly deviceId: string;
  readonly jobId: string;
  readonly position: number | string;
  readonly count: number | string;
}

/** Why runs wait, worked out when somebody asks. */
@Injectable()
export class RunWaiting {
  constructor(
    private readonly database: Database,
    private readonly leases: LeaseBook,
    private readonly coolDowns: CoolDowns,
  ) {}

  /** By id; of those that do not wait there is none. */
  async of(runs: readonly Queued[]): Promise<Map<string, Waiting>> {
    const waiting = runs.filter(({ state }) => state === 'queued');
    if (waiting.length === 0) return new Map();
    const { manager } = this.database.reader;
    const deviceIds = [...new Set(waiting.map(({ deviceId }) => deviceId))];
    const devices = await manager.findBy(DeviceEntity, { id: In(deviceIds) });
    const agents = [...new Set(devices.map(({ agentId }) => agentId))];
    const busy = await manager.findBy(DeviceEntity, { agentId: In(agents), currentRunId: Not(IsNull()) });
    const held = await manager.findBy(RunEntity, { id: In(devices.flatMap(({ currentRunId }) => currentRunId ?? [])) });
    const groups = await groupsOf(manager, deviceIds);
    const jobIds = [...groups, ...held, ...waiting].map(({ jobId }) => jobId);
    const jobs = new Map(
      (await manager.findBy(JobEntity, { id: In([...new Set(jobIds)]) })).map((job) => [job.id, job]),
    );
    const full = await atLimit(manager, [...new Set(waiting.map(({ jobId }) => jobs.get(jobId)!))]);
    const before = await beforeOf(manager, waiting);
    const seconds = await secondsOf(manager, deviceIds);
    const holds = await this.leases.holds(manager, deviceIds);
    const nowMs = Date.now();
    const answers = new Map<string, Waiting>();
    for (const run of waiting) {
      const device = devices.find(({ id }) => id === run.deviceId);
      const job = jobs.get(run.jobId);
      if (!device || !job) continue;
      const current = held.find(({ id }) => id === device.currentRunId);
      const besides = busy.find(
        (one) => one.agentId === device.agentId && one.id !== device.id && (one.emulated || device.emulated),
      );
      const by = current && jobs.get(current.jobId)?.createdBy;
      const answer = explainWaiting({
        run: {
          ...{ jobId: run.jobId, owner: job.owner, priority: priorityOf(job), protocol: run.protocol.name },
          ...{ built: run.artifactSha256 !== null, canary: job.purpose === 'canary' },
          ...{ before: before.get(run.id) ?? 0, atLimit: full.has(run.jobId) },
        },
        device: {
          ...{ name: device.name, state: this.coolDowns.state(device), reason: device.stateReason ?? undefined },
          ...{ quarantine: device.quarantine?.reason, hold: holds.get(device.id), besides: besides?.name },
          ...(current && {
            current: {
              ...{ by: by ?? 'another job', protocol: current.protocol.name },
              claimedAt: current.claimedAt ?? current.queuedAt,
            },
          }),
        },
        groups: groups
          .filter(({ deviceId }) => deviceId === device.id)
          .flatMap((row) => groupOf(row, jobs.get(row.jobId))),
        seconds: seconds.get(device.id) ?? new Map(),
        nowMs,
      });
      answers.set(run.id, answer);
    }
    return answers;
  }

  /** Of each job none of whose runs is held: what its first run waits for. */
  async ofJobs(jobIds: readonly string[]): Promise<Map<string, Waiting>> {
    if (jobIds.length === 0) return new Map();
    const { manager } = this.database.reader;
    const rows = await manager
      .createQueryBuilder(RunEntity, 'run')
      .select('MIN(run.position)', 'position')
      .where({ jobId: In([...jobIds]), state: 'queued' })
      .groupBy('run.jobId')
      .getRawMany<{ position: number | string }>();
    const runs = await manager.findBy(RunEntity, { position: In(rows.map(({ position }) => Number(position))) });
    const held = await heldCounts(
      manager,
      runs.map(({ jobId }) => jobId),
    );
    const idle = runs.filter(({ jobId }) => !held.has(jobId));
    const waiting = await this.of(idle);
    return new Map(idle.flatMap(({ id, jobId }) => (waiting.has(id) ? [[jobId, waiting.get(id)!] as const] : [])));
  }
}

const priorityOf = ({ purpose, priority }: JobEntity): number => (purpose === 'canary' ? canaryPriority : priority);

function groupOf({ position, count }: GroupRow, job: JobEntity | undefined): WaitingGroup[] {
  if (!job) return [];
  const { id: jobId, owner, protocol } = job;
  const place = { position: Number(position), count: Number(count) };
  return [{ jobId, owner, priority: priorityOf(job), protocol: protocol.name, ...place }];
}

/** What waits on devices and may start, by job. */
function groupsOf(manager: EntityManager, deviceIds: readonly string[]): Promise<GroupRow[]> {
  return manager
    .createQueryBuilder(RunEntity, 'run')
    .select('run.deviceId', 'deviceId')
    .addSelect('run.jobId', 'jobId')
    .addSelect('MIN(run.position)', 'position')
    .addSelect('COUNT(*)', 'count')
    .where({ deviceId: In([...deviceIds]), state: 'queued', artifactSha256: Not(IsNull()) })
    .groupBy('run.deviceId')
    .addGroupBy('run.jobId')
    .getRawMany<GroupRow>();
}

/** How many runs of its own job wait before each on its device. */
async function beforeOf(manager: EntityManager, runs: readonly Queued[]): Promise<Map<string, number>> {
  const rows = (await manager.query(
    `SELECT run.id AS "id", (
      SELECT COUNT(*) FROM run other WHERE other."deviceId" = run."deviceId" AND other.state = 'queued'
        AND other."jobId" = run."jobId" AND other."artifactSha256" IS NOT NULL AND other.position < run.position
    ) AS "n" FROM run WHERE run.id IN (${runs.map(() => '?').join(', ')})`,
    runs.map(({ id }) => id),
  )) as Array<{ id: string; n: number | string }>;
  return new Map(rows.map(({ id, n }) => [id, Number(n)]));
}

async function heldCounts(manager: EntityManager, jobIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await manager
    .createQueryBuilder(RunEntity, 'run')
    .select('run.jobId', 'jobId')
    .addSelect('COUNT(*)', 'n')
    .where({ jobId: In([...jobIds]), state: In([...heldStates]) })
    .groupBy('run.jobId')
    .getRawMany<{ jobId: string; n: number | string }>();
  return new Map(rows.map(({ jobId, n }) => [jobId, Number(n)]));
}

/** Jobs that measure on as many devices as they may. */
async function atLimit(manager: EntityManager, jobs: readonly JobEntity[]): Promise<Set<string>> {
  const limited = jobs.filter(({ parallel }) => parallel !== null);
  if (limited.length === 0) return new Set();
  const held = await heldCounts(
    manager,
    limited.map(({ id }) => id),
  );
  return new Set(limited.filter(({ id, parallel }) => (held.get(id) ?? 0) >= parallel!).map(({ id }) => id));
}

/** Device seconds of a run by protocol: the middle of the newest that succeeded on each device. */
async function secondsOf(
  manager: EntityManager,
  deviceIds: readonly string[],
): Promise<Map<string, ReadonlyMap<string, number>>> {
  const rows = (await manager.query(
    `SELECT attempt."deviceId" AS "deviceId", attempt."claimedAt" AS "from", attempt."endedAt" AS "to", run.protocol AS "protocol"
    FROM device CROSS JOIN attempt JOIN run ON run.id = attempt."runId"
    WHERE device.id IN (${deviceIds.map(() => '?').join(', ')}) AND attempt."deviceId" = device.id
      AND attempt.fence > device.fence - ${claimsLookedAt} AND attempt.state = 'succeeded'`,
    [...deviceIds],
  )) as Array<{ deviceId: string; from: string; to: string; protocol: string }>;
  const runs = rows.map(({ deviceId, from, to, protocol }) => ({
    deviceId,
    protocol: (JSON.parse(protocol) as Protocol).name,
    seconds: (Date.parse(to) - Date.parse(from)) / 1000,
  }));
  return new Map(deviceIds.map((id) => [id, middleSeconds(runs.filter(({ deviceId }) => deviceId === id))]));
}
