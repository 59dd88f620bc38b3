import {
  type Baseline,
  type Change,
  crc32,
  type Gate,
  type GateDecision,
  type GateDecisionWish,
  type GateQuery,
  type GateSummary,
  type GateWish,
  LabError,
  lanesOf,
  type MetricId,
  type Night,
} from '@hilltop/contracts';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import type * as z from 'zod';
import type { Actor } from '../access/actor.js';
import { decodeCursor, page } from '../access/page.js';
import { newId } from '../ids.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { WorkerPool } from '../links/worker-pool.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { BaselineService } from './baseline.service.js';
import { GateEntity } from './gate.entity.js';
import { GateDecisionEntity } from './gate-decision.entity.js';
import { gateTask } from './gate-task.js';
import { decided, gateSummary, gateView, standing } from './gate-view.js';
import { NightRuns } from './night-runs.js';
import type { SweepNight } from './sweep-nights.js';

/** Gates that a snapshot of the lab shows. */
const recentGates = 50;

/** The pass/fail rule against a baseline. */
@Injectable()
export class GateService implements OnModuleInit {
  /** A gate has been judged, or a decision has changed what it says. */
  readonly judged = new Signal<{ gateId: string }>();
  readonly #log: Log;

  constructor(
    private readonly database: Database,
    private readonly baselines: BaselineService,
    private readonly runs: NightRuns,
    private readonly pool: WorkerPool,
    private readonly live: LiveService,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'gates' });
  }

  onModuleInit(): void {
    const rows = async (where: object): Promise<Change[]> =>
      (
        await this.database.reader
          .getRepository(GateEntity)
          .find({ where, order: { position: 'DESC' }, take: recentGates })
      ).map((row) => ({ kind: 'gate', id: row.id, value: gateSummary(row) }));
    this.live.register('gate', {
      load: (ids) => rows({ id: In([...ids]) }),
      list: async (topic) => {
        if (topic === 'lab') return rows({});
        return topic.startsWith('sweep/') ? rows({ sweepId: topic.slice(6) }) : [];
      },
    });
  }

  /**
   * Holds a sweep against a baseline; the same two give the same answer each time.
   * Throws `sweep.unknown`, `sweep.not-ended`, `baseline.unknown`, `gate.no-overlap`.
   */
  async check(actor: Actor, wish: z.output<typeof GateWish>): Promise<Gate> {
    const sweep = await this.baselines.ended(wish.sweep);
    const baseline = await this.baselines.show(wish.baseline);
    const reference = await this.baselines.ended(baseline.sweepId);
    const metrics = wish.metrics ?? [...sweep.objectives];
    const [now, before] = [await this.runs.of(sweep), await this.runs.of(reference)];
    const { maxRegression } = wish;
    const found = await this.pool.run(gateTask, {
      now,
      before,
      metrics,
      maxRegression,
      seed: crc32(Buffer.from(`${sweep.id} ${reference.id}`)),
    });
    if (found.rows.length === 0) throw noOverlap(sweep, baseline, now.length, before.length, metrics);
    const id = newId('gate');
    await this.database.write(
      async (manager) => {
        await manager.insert(GateEntity, {
          id,
          position: Number((await manager.maximum(GateEntity, 'position')) ?? 0) + 1,
          sweepId: sweep.id,
          sweepName: sweep.name,
          baselineId: baseline.id,
          baselineName: baseline.name,
          baselineSweepId: reference.id,
          maxRegression,
          metrics,
          ...found,
          ...standing(found),
          createdBy: actor.name,
          createdAt: new Date().toISOString(),
        });
        this.#announce(id);
      },
      { label: 'gate.check' },
    );
    const gate = await this.show(id);
    this.#log.info({ gateId: id, sweepId: sweep.id, baseline: baseline.name, verdict: gate.verdict }, 'gate judged');
    return gate;
  }

  /** Newest first, without rows. */
  async list(query: GateQuery): Promise<{ items: GateSummary[]; next?: string }> {
    const rows = this.database.reader.getRepository(GateEntity).createQueryBuilder('gate').where('1 = 1');
    if (query.sweep !== undefined) rows.andWhere('gate.sweepId = :sweep', { sweep: query.sweep });
    if (query.cursor !== undefined) rows.andWhere('gate.position < :at', { at: positionOf(query.cursor) });
    const found = await rows
      .orderBy('gate.position', 'DESC')
      .limit(query.limit + 1)
      .getMany();
    return page(found, query.limit, (row) => ({ at: String(row.position), id: row.id }), gateSummary);
  }

  /** Throws `gate.unknown`. */
  async show(id: string): Promise<Gate> {
    const { manager } = this.database.reader;
    return gateView(await whole(manager, id), await manager.findBy(GateDecisionEntity, { gateId: id }));
  }

  /**
   * Accepts a row, takes it, or reopens one that was decided. The first wins: who names the decision they saw is refused when another
   * came meanwhile. Throws `gate.unknown`, `gate.row-unknown`, `gate.decided`, `request.invalid` when one is reopened without a comment.
   */
  async decide(actor: Actor, id: string, row: number, wish: RowWish): Promise<Gate> {
    if (wish.state === 'reopened' && wish.comment === undefined)
      throw new LabError('request.invalid', 'say why it is open again: a comment', { path: 'comment' });
    await this.database.write(
      async (manager) => {
        const gate = await whole(manager, id);
        const decisions = await manager.findBy(GateDecisionEntity, { gateId: id });
        const current = decided(gate.rows, decisions).find((each) => each.row === row);
        if (!current)
          throw new LabError('gate.row-unknown', `gate ${id} has rows 1 to ${gate.rows.length}`, { gate: id, row });
        if (isRefused(current.decision, wish)) throw alreadyDecided(row, current.decision);
        const decision = {
          gateId: id,
          row,
          n: (current.decision?.n ?? 0) + 1,
          state: wish.state,
          comment: wish.comment ?? null,
          jobId: null,
          decidedBy: actor.name,
          decidedAt: new Date().toISOString(),
        };
        await manager.insert(GateDecisionEntity, decision);
        const rows = decided(gate.rows, [...decisions, decision]);
        await manager.update(GateEntity, { id }, standing({ rows, missing: gate.missing }));
        this.#announce(id);
      },
      { label: 'gate.decide' },
    );
    return this.show(id);
  }

  /** The job that measures a row again belongs to the decision that asked for it. */
  async measuredBy(id: string, row: number, n: number, jobId: string): Promise<Gate> {
    await this.database.write(
      async (manager) => {
        await manager.update(GateDecisionEntity, { gateId: id, row, n }, { jobId });
        this.#announce(id);
      },
      { label: 'gate.measured-by' },
    );
    return this.show(id);
  }

  /** What gates say today, by id; those that are gone are left out. */
  async standings(ids: readonly string[]): Promise<Map<string, NonNullable<Night['gate']>>> {
    const rows = await this.database.reader
      .getRepository(GateEntity)
      .createQueryBuilder('gate')
      .addSelect('gate.missing')
      .where({ id: In([...ids]) })
      .getMany();
    return new Map(
      rows.map((row) => {
        const { id, verdict, baselineName, maxRegression } = row;
        return [id, { id, verdict, baselineName, maxRegression, lanes: lanesOf(row) }];
      }),
    );
  }

  #announce(gateId: string): void {
    this.database.afterCommit(() => {
      this.live.touch('gate', gateId);
      this.judged.emit({ gateId });
    });
  }
}

/** With what lists leave out. Throws `gate.unknown`. */
async function whole(manager: EntityManager, id: string): Promise<GateEntity> {
  const row = await manager
    .createQueryBuilder(GateEntity, 'gate')
    .addSelect(['gate.rows', 'gate.missing'])
    .where('gate.id = :id', { id })
    .getOne();
  if (!row) throw new LabError('gate.unknown', 'there is no such gate; `hilltop gates` lists them', { gate: id });
  return row;
}

/** `noise` comes with a job: `GateRemeasurer` asks for both. */
type RowWish = Omit<z.output<typeof GateDecisionWish>, 'state'> & { readonly state: GateDecision['state'] };

/** Another decision came first, it stands so already, or it is accepted and must be reopened before anything else. */
function isRefused(current: GateDecision | undefined, { state, seen }: RowWish): boolean {
  if (seen !== undefined && seen !== (current?.n ?? 0)) return true;
  const now = current?.state ?? 'reopened';
  return now === state || (now === 'accepted' && state !== 'reopened');
}

const decidedWords = {
  accepted: 'was accepted',
  taken: 'is looked after',
  noise: 'was called noise',
  reopened: 'was reopened',
} as const satisfies Record<GateDecision['state'], string>;

function alreadyDecided(row: number, decision: Gate['rows'][number]['decision']): LabError {
  return new LabError(
    'gate.decided',
    decision
      ? `row ${row} ${decidedWords[decision.state]} by ${decision.by}${decision.comment ? `: ${decision.comment}` : ''}; reopen it with a comment if that is wrong`
      : `row ${row} is open`,
    { row, ...(decision && { decision }) },
  );
}

function noOverlap(
  sweep: SweepNight,
  baseline: Baseline,
  now: number,
  before: number,
  metrics: readonly MetricId[],
): LabError {
  const lacking = now === 0 ? `sweep ${sweep.id}` : before === 0 ? `baseline ${baseline.name}` : undefined;
  return new LabError(
    'gate.no-overlap',
    lacking
      ? `${lacking} has no result; look at its trials, and pin a sweep that has some`
      : `sweep ${sweep.id} and baseline ${baseline.name} have no clean result of the same model, recipe, settings, device and protocol with ${metrics.join(' or ')}; pin a sweep of the same file`,
    { sweep: sweep.id, baseline: baseline.id, baselineSweep: baseline.sweepId, runs: { now, before }, metrics },
  );
}

/** Throws `cursor.invalid`. */
function positionOf(cursor: string): number {
  const at = Number(decodeCursor(cursor).at);
  if (!Number.isSafeInteger(at))
    throw new LabError('cursor.invalid', 'this cursor is not one of ours; start again without it');
  return at;
}
