import { type Sweep, settingsKey } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { newId } from '../ids.js';
import { JobRuns } from '../jobs/job-runs.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { LiveService } from '../live/live.service.js';
import { RunEntity } from '../runs/run.entity.js';
import type { Decision, Proposal } from './decide.js';
import { endedOf, factsOf, isOpen } from './search-state.js';
import type { ReadStanding } from './standing-reader.js';
import { SweepEntity } from './sweep.entity.js';
import { placeKeyOf } from './sweep-plan.js';
import { TrialEntity } from './trial.entity.js';
import { nextEnded } from './trial-settler.js';
import { volumesOf } from './volumes.js';

/** `stale`: the sweep has changed meanwhile, and nothing was written. */
export type Written = 'stale' | 'proposed' | 'done';

/** Writes what was decided, if what it was decided on still holds. */
@Injectable()
export class DecisionWriter {
  /** A sweep has ended; the transaction that says so is committed. */
  readonly ended = new Signal<{ sweepId: string }>();

  constructor(
    private readonly database: Database,
    private readonly runs: JobRuns,
    private readonly live: LiveService,
  ) {}

  async write(sweep: SweepEntity, standing: ReadStanding, decision: Decision, at: string): Promise<Written> {
    const volumes = missingVolumes(standing);
    const plan = { ...sweep.plan, places: decision.places };
    const isChanged = JSON.stringify(plan) !== JSON.stringify(sweep.plan);
    const waiting = decision.outOfTime === undefined ? [] : standing.trials.filter(isOpen);
    if (!isChanged && decision.proposals.length === 0 && volumes.size === 0 && waiting.length === 0 && !decision.ended)
      return 'done';
    return this.database.write(
      async (manager) => {
        const newest = (await manager.maximum(TrialEntity, 'number', { sweepId: sweep.id })) ?? 0;
        const now = await manager.findOneBy(SweepEntity, { id: sweep.id, state: 'running', revision: sweep.revision });
        if (!now || newest !== (standing.trials.at(-1)?.number ?? 0)) return 'stale';
        for (const [id, hypervolume] of volumes) await manager.update(TrialEntity, { id }, { hypervolume });
        const rows = await this.#insert(manager, sweep, decision.proposals, at);
        for (const trial of waiting) await this.#giveUp(manager, trial, decision.outOfTime!, at);
        const outcome = decision.ended ? await this.#outcome(manager, sweep.id, plan.places) : undefined;
        await manager.update(SweepEntity, { id: sweep.id }, { plan, ...outcome, ...(outcome && { endedAt: at }) });
        this.database.afterCommit(() => {
          this.live.touch('sweep', sweep.id);
          this.live.touch('trial', ...volumes.keys(), ...rows, ...waiting.map(({ id }) => id));
          if (outcome) this.ended.emit({ sweepId: sweep.id });
        });
        return decision.proposals.length > 0 ? 'proposed' : 'done';
      },
      { label: 'sweep.decide' },
    );
  }

  /** Tells people why it does not go on at the moment; undefined: it does again. */
  async note(sweepId: string, note: string | undefined): Promise<void> {
    await this.database.write(
      async (manager) => {
        const done = await manager.update(SweepEntity, { id: sweepId, state: 'running' }, { note: note ?? null });
        if (done.affected !== 0) this.database.afterCommit(() => this.live.touch('sweep', sweepId));
      },
      { label: 'sweep.note' },
    );
  }

  async #insert(
    manager: EntityManager,
    sweep: SweepEntity,
    proposals: readonly Proposal[],
    at: string,
  ): Promise<string[]> {
    const ids: string[] = [];
    for (const { place, error, ...proposal } of proposals) {
      const id = newId('tri');
      ids.push(id);
      await manager.insert(TrialEntity, {
        ...proposal,
        id,
        sweepId: sweep.id,
        modelId: place.modelId,
        settingsKey: settingsKey(proposal.settings),
        deviceId: place.deviceId,
        deviceName: place.deviceName,
        metrics: {},
        runs: 0,
        proposedAt: at,
        ...(error
          ? { state: 'failed', error, endedNumber: await nextEnded(manager, sweep.id), endedAt: at }
          : { state: 'proposed' }),
      });
    }
    return ids;
  }

  /** What no device has begun is not begun any more. */
  async #giveUp(manager: EntityManager, trial: TrialEntity, why: string, at: string): Promise<void> {
    if (trial.state === 'proposed')
      await manager.update(TrialEntity, { id: trial.id, state: 'proposed' }, { state: 'skipped', endedAt: at });
    else if (trial.jobId !== null && (await isWaiting(manager, trial.jobId)))
      await this.runs.cancel(trial.jobId, { code: 'run.cancelled', message: why, cause: 'user' });
  }

  async #outcome(
    manager: EntityManager,
    sweepId: string,
    places: Decision['places'],
  ): Promise<Pick<SweepEntity, 'state' | 'note' | 'error'>> {
    const notes = [...new Set(places.map(({ closing }) => closing).filter((note) => note !== undefined))];
    const note = (notes.length === 1 ? notes[0]! : 'the search has ended on every device').slice(0, 500);
    if (await manager.existsBy(TrialEntity, { sweepId, state: 'succeeded' }))
      return { state: 'succeeded', note, error: null };
    const failed = await manager.findOne(TrialEntity, {
      where: { sweepId, state: 'failed' },
      order: { endedNumber: 'DESC' },
    });
    const error: NonNullable<Sweep['error']> = {
      code: failed?.error?.code ?? 'sweep.empty',
      message: failed?.error?.message ?? note,
    };
    return { state: 'failed', note, error };
  }
}

/** No agent has been given any run of the job. */
export async function isWaiting(manager: EntityManager, jobId: string): Promise<boolean> {
  const runs = await manager.findBy(RunEntity, { jobId });
  return runs.every(({ state, attempt }) => state === 'queued' && attempt === 0);
}

/** Volumes that can be told by now and were not before. */
function missingVolumes({ plan, file, facts, trials }: ReadStanding) {
  const missing = new Map<string, number>();
  for (const place of plan.places) {
    const ended = endedOf(trials.filter((trial) => placeKeyOf(trial) === placeKeyOf(place)));
    if (ended.every(({ hypervolume }) => hypervolume !== null)) continue;
    const objectives = plan.objectives[place.modelId] ?? [];
    const volumes = volumesOf(ended, file.protocol, objectives, factsOf(facts, place).reference);
    for (const { id, hypervolume } of ended) {
      const volume = volumes.get(id);
      if (hypervolume === null && volume !== undefined) missing.set(id, volume);
    }
  }
  return missing;
}
