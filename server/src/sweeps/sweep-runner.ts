import { errorText } from '@hilltop/contracts';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { In } from 'typeorm';
import { ownerOf } from '../access/actor.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { LOG, type Log } from '../log.js';
import { RunLedger } from '../runs/run-ledger.js';
import { PlanMaker } from '../variants/plan-maker.js';
import { VariantBuilder } from '../variants/variant-builder.js';
import { decide } from './decide.js';
import { DecisionWriter } from './decision-writer.js';
import { HealthDoor } from './health-door.js';
import { Preparation } from './preparation.js';
import type { Sampler } from './samplers/sampler.js';
import { StandingReader } from './standing-reader.js';
import { SweepEntity } from './sweep.entity.js';
import { SweepClock } from './sweep-clock.js';
import type { PlacePlan } from './sweep-plan.js';
import { TrialSettler } from './trial-settler.js';
import { TrialSubmitter } from './trial-submitter.js';

/** Injection token: name -> sampler. */
export const SAMPLERS = Symbol('samplers');

/** A step that an event missed is made within this time; no step waits for it otherwise. */
const tickMs = 1000;
/** Every sweep is looked at at least so often: budgets of time, devices that come back. */
const lookMs = 5_000;
/** A sweep that stumbles is tried again after 1, 2, 4 ... seconds, at most this many. */
const longestBackOffMs = 60_000;

interface Stumble {
  readonly times: number;
  readonly untilMs: number;
}

/**
 * Carries sweeps on: settles trials, asks the sampler, submits. All it knows is in the database; what it holds in memory only
 * says whom to look at next, so it may be killed at any moment and started again.
 */
@Injectable()
export class SweepRunner implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log: Log;
  readonly #due = new Set<string>();
  readonly #stumbles = new Map<string, Stumble>();
  readonly #stop: Array<() => void> = [];
  #all = true;
  #lookedMs = 0;
  #again = false;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(
    private readonly database: Database,
    private readonly settler: TrialSettler,
    private readonly submitter: TrialSubmitter,
    private readonly standings: StandingReader,
    private readonly preparation: Preparation,
    private readonly writer: DecisionWriter,
    private readonly health: HealthDoor,
    private readonly clock: SweepClock,
    @Inject(SAMPLERS) private readonly samplers: Readonly<Record<string, Sampler>>,
    ledger: RunLedger,
    builder: VariantBuilder,
    plans: PlanMaker,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'sweeps' });
    this.#stop.push(
      ledger.committed.listen((news) => {
        if (news.jobs.size > 0) this.kick();
      }),
      builder.settled.listen(() => this.wake()),
      plans.settled.listen(() => this.wake()),
      health.checked.listen(() => this.wake()),
    );
  }

  /** A sweep has ended; the transaction that says so is committed. */
  get ended(): Signal<{ sweepId: string }> {
    return this.writer.ended;
  }

  onApplicationBootstrap(): void {
    const timer = setInterval(() => {
      if (this.clock.nowMs() - this.#lookedMs >= lookMs) this.wake();
      else this.kick();
    }, tickMs);
    timer.unref();
    this.#stop.push(() => clearInterval(timer));
    this.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    for (const stop of this.#stop) stop();
    await this.#running;
  }

  /** One sweep, or every one, may be able to go on. */
  wake(sweepId?: string): void {
    if (sweepId === undefined) this.#all = true;
    else this.#due.add(sweepId);
    this.kick();
  }

  /** Runs may have ended. */
  kick(): void {
    this.#again = true;
    if (this.#running || this.#stopped) return;
    this.#running = this.#loop()
      .catch((error: unknown) => this.#log.error({ err: error }, 'sweeps cannot go on'))
      .finally(() => {
        this.#running = undefined;
        if (this.#again && !this.#stopped) setImmediate(() => this.kick());
      });
  }

  /** Resolves when nothing more can be done now. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #loop(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      for (const id of await this.settler.settle()) this.#due.add(id);
      if (!this.#all && this.#due.size === 0) continue;
      const due = new Set(this.#due);
      const all = this.#all;
      this.#due.clear();
      this.#all = false;
      if (all) this.#lookedMs = this.clock.nowMs();
      const active = await this.database.reader.getRepository(SweepEntity).find({
        select: { id: true },
        where: { state: In(['preparing', 'running']), ...(!all && { id: In([...due]) }) },
        order: { position: 'ASC' },
      });
      for (const { id } of active) await this.#carryOn(id);
    }
  }

  /** One sweep's trouble is not another's. */
  async #carryOn(id: string): Promise<void> {
    const stumble = this.#stumbles.get(id);
    if (this.#stopped || (stumble && this.clock.nowMs() < stumble.untilMs)) return;
    try {
      await this.#advance(id);
      if (stumble) await this.writer.note(id, undefined);
      this.#stumbles.delete(id);
    } catch (error) {
      if (this.#stopped) return;
      const times = (stumble?.times ?? 0) + 1;
      const waitMs = Math.min(longestBackOffMs, 1000 * 2 ** (times - 1));
      this.#stumbles.set(id, { times, untilMs: this.clock.nowMs() + waitMs });
      this.#log.error({ sweepId: id, times, err: error }, 'a sweep stumbled');
      const note = `stumbled, will be tried again: ${errorText(error)}`.slice(0, 500);
      await this.writer.note(id, note).catch(() => undefined);
    }
  }

  async #advance(id: string): Promise<void> {
    let sweep = await this.#find(id);
    if (sweep?.state === 'preparing' && (await this.preparation.advance(sweep, this.clock)))
      sweep = await this.#find(id);
    // A decision that somebody else's change has overtaken is made again.
    while (sweep?.state === 'running' && !this.#stopped) {
      await this.submitter.submit(id);
      const standing = await this.standings.read(sweep, this.clock);
      const places = await this.#checked(sweep);
      const sampler = this.samplers[sweep.file.sampler.name];
      if (!sampler) throw new Error(`there is no sampler ${sweep.file.sampler.name}`);
      const decision = decide({ ...standing, plan: { ...sweep.plan, places } }, sampler);
      const written = await this.writer.write(sweep, standing, decision, this.clock.now());
      if (written === 'done') return;
      if (written === 'proposed') await this.submitter.submit(id);
      sweep = await this.#find(id);
    }
  }

  /** Places with what their health checks say by now. */
  async #checked(sweep: SweepEntity): Promise<PlacePlan[]> {
    const { plan, file } = sweep;
    const isAsked = (place: PlacePlan): boolean => file.healthCheck && !place.ready && !place.ended;
    const ids = [...new Set(plan.places.filter(isAsked).map(({ deviceId }) => deviceId))];
    if (ids.length === 0) return [...plan.places];
    const { ready, refused } = await this.health.ensureHealthy(ids, ownerOf(sweep.actor));
    return plan.places.map((place) => {
      if (!isAsked(place)) return place;
      if (ready.includes(place.deviceId)) {
        const { note: _over, ...rest } = place;
        return { ...rest, ready: true };
      }
      const refusal = refused.find(({ deviceId }) => deviceId === place.deviceId);
      if (refusal) return { ...place, closing: refusal.message.slice(0, 500), ended: true };
      return { ...place, note: 'waits for its health check' };
    });
  }

  #find(id: string): Promise<SweepEntity | null> {
    return this.database.reader.getRepository(SweepEntity).findOneBy({ id });
  }
}
