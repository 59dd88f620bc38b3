import type { Sweep, SweepPlace, TrialState } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { Database } from '../links/database.js';
import type { SweepEntity } from './sweep.entity.js';
import { SweepClock } from './sweep-clock.js';
import { type PlacePlan, placeKeyOf, pointsOf } from './sweep-plan.js';
import { TrialEntity } from './trial.entity.js';

/** Trials of one state at one place. */
interface Tally {
  readonly sweepId: string;
  readonly modelId: string;
  readonly deviceId: string;
  readonly state: TrialState;
  readonly n: number;
  readonly runs: number;
  readonly deviceSeconds: number;
}

/** Sweeps as they are told outside. */
@Injectable()
export class SweepViews {
  constructor(
    private readonly database: Database,
    private readonly clock: SweepClock,
  ) {}

  async of(rows: readonly SweepEntity[]): Promise<Sweep[]> {
    if (rows.length === 0) return [];
    const ids = rows.map(({ id }) => id);
    const tallies = await this.#tallies(ids);
    const volumes = await this.#volumes(ids);
    return rows.map((row) => {
      const own = tallies.filter(({ sweepId }) => sweepId === row.id);
      return view(row, own, volumes.get(row.id) ?? new Map(), this.clock.nowMs());
    });
  }

  async #tallies(ids: readonly string[]): Promise<Tally[]> {
    const found = await this.database.reader
      .getRepository(TrialEntity)
      .createQueryBuilder('trial')
      .select('trial.sweepId', 'sweepId')
      .addSelect('trial.modelId', 'modelId')
      .addSelect('trial.deviceId', 'deviceId')
      .addSelect('trial.state', 'state')
      .addSelect('COUNT(*)', 'n')
      .addSelect('SUM(trial.runs)', 'runs')
      .addSelect('SUM(trial.deviceSeconds)', 'deviceSeconds')
      .where('trial.sweepId IN (:...ids)', { ids })
      .groupBy('trial.sweepId')
      .addGroupBy('trial.modelId')
      .addGroupBy('trial.deviceId')
      .addGroupBy('trial.state')
      .getRawMany<Record<keyof Tally, string | number | null>>();
    return found.map((row) => ({
      sweepId: String(row.sweepId),
      modelId: String(row.modelId),
      deviceId: String(row.deviceId),
      state: row.state as TrialState,
      n: Number(row.n),
      runs: Number(row.runs ?? 0),
      deviceSeconds: Number(row.deviceSeconds ?? 0),
    }));
  }

  /** The newest volume of each place of each sweep. */
  async #volumes(ids: readonly string[]): Promise<Map<string, Map<string, number>>> {
    const newest = this.database.reader
      .getRepository(TrialEntity)
      .createQueryBuilder('later')
      .select('MAX(later.endedNumber)')
      .where('later.sweepId = trial.sweepId AND later.modelId = trial.modelId AND later.deviceId = trial.deviceId')
      .andWhere('later.hypervolume IS NOT NULL');
    const rows = await this.database.reader
      .getRepository(TrialEntity)
      .createQueryBuilder('trial')
      .where('trial.sweepId IN (:...ids)', { ids })
      .andWhere(`trial.endedNumber = (${newest.getQuery()})`)
      .getMany();
    const volumes = new Map<string, Map<string, number>>(ids.map((id) => [id, new Map()]));
    for (const row of rows)
      if (row.hypervolume !== null) volumes.get(row.sweepId)!.set(placeKeyOf(row), row.hypervolume);
    return volumes;
  }
}

function view(row: SweepEntity, tallies: readonly Tally[], volumes: ReadonlyMap<string, number>, nowMs: number): Sweep {
  const sum = (states: readonly TrialState[], from = tallies): number =>
    from.filter(({ state }) => states.includes(state)).reduce((total, { n }) => total + n, 0);
  const endMs = row.endedAt === null ? nowMs : Date.parse(row.endedAt);
  return {
    id: row.id,
    name: row.name,
    file: row.file,
    revision: row.revision,
    state: row.state,
    objectives: row.objectives,
    ...(row.note !== null && { note: row.note }),
    ...(row.error !== null && { error: row.error }),
    used: {
      runs: tallies.reduce((total, { runs }) => total + runs, 0),
      deviceMinutes: tallies.reduce((total, { deviceSeconds }) => total + deviceSeconds, 0) / 60,
      wallMinutes: row.startedAt === null ? 0 : Math.max(0, endMs - Date.parse(row.startedAt)) / 60_000,
    },
    trials: {
      total: tallies.reduce((total, { n }) => total + n, 0),
      open: sum(['proposed', 'running']),
      succeeded: sum(['succeeded']),
      failed: sum(['failed']),
      skipped: sum(['skipped', 'cancelled']),
    },
    places: row.plan.places.map((place): SweepPlace => {
      const own = tallies.filter((each) => placeKeyOf(each) === placeKeyOf(place));
      return {
        ...placeOf(row, place),
        measured: sum(['succeeded'], own),
        open: sum(['proposed', 'running'], own),
        failed: sum(['failed', 'cancelled'], own),
        ...(volumes.has(placeKeyOf(place)) && { hypervolume: volumes.get(placeKeyOf(place))! }),
      };
    }),
    leftOut: [...row.plan.leftOut],
    ...(row.createdBy !== null && { createdBy: row.createdBy }),
    ...(row.scheduleId !== null && { scheduleId: row.scheduleId }),
    createdAt: row.createdAt,
    ...(row.startedAt !== null && { startedAt: row.startedAt }),
    ...(row.endedAt !== null && { endedAt: row.endedAt }),
  };
}

function placeOf(
  row: SweepEntity,
  place: PlacePlan,
): Pick<SweepPlace, 'deviceId' | 'deviceName' | 'modelId' | 'modelName' | 'points' | 'note' | 'ended'> {
  const note = place.closing ?? place.note;
  return {
    deviceId: place.deviceId,
    deviceName: place.deviceName,
    modelId: place.modelId,
    modelName: place.modelName,
    points: pointsOf(row.plan, place).length,
    ...(note !== undefined && { note }),
    ended: place.ended ?? row.endedAt !== null,
  };
}
