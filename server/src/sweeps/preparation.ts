import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { Database } from '../links/database.js';
import { LiveService } from '../live/live.service.js';
import { PlanMaker } from '../variants/plan-maker.js';
import type { VariantEntity } from '../variants/variant.entity.js';
import { misfitOf } from './misfit.js';
import type { Refusal } from './space.js';
import { StandingReader } from './standing-reader.js';
import { SweepEntity } from './sweep.entity.js';
import type { SweepClock } from './sweep-clock.js';
import type { PlacePlan, SweepPlan } from './sweep-plan.js';

/** Before the search: every variant is built, and for boards its plan is made, so that much is known before a device is used. */
@Injectable()
export class Preparation {
  /** Variants whose plan the lab could not make, for reasons of its own: the run itself will tell. */
  readonly #unplanned = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly standings: StandingReader,
    private readonly plans: PlanMaker,
    private readonly live: LiveService,
  ) {}

  /** One look: the sweep goes on to run when all is there. Answers whether it did. */
  async advance(sweep: SweepEntity, clock: SweepClock): Promise<boolean> {
    const variants = await this.standings.variantsOf(sweep.plan);
    const all = [...variants.values()];
    const building = all.filter(({ state }) => state === 'queued' || state === 'building');
    if (building.length > 0) {
      await this.#note(sweep, `${all.length - building.length} of ${all.length} variants are built`);
      return false;
    }
    const unplanned = this.#withoutPlan(sweep.plan, variants);
    if (unplanned.length > 0) {
      for (const { id } of unplanned) {
        void this.plans.want(id).then((planned) => {
          if ('error' in planned && planned.isOurs) this.#unplanned.add(id);
        });
      }
      await this.#note(sweep, `plans of ${unplanned.length} variants are being made`);
      return false;
    }
    const devices = await this.database.reader
      .getRepository(DeviceEntity)
      .findBy({ id: In(sweep.plan.places.map(({ deviceId }) => deviceId)) });
    return this.#run(sweep, clock, withoutMisfits(sweep.plan, variants, devices));
  }

  #withoutPlan(plan: SweepPlan, variants: ReadonlyMap<string, VariantEntity>): VariantEntity[] {
    const models = new Set(plan.places.filter(({ isBoard }) => isBoard).map(({ modelId }) => modelId));
    const ids = [...models].flatMap((modelId) => Object.values(plan.variants[modelId] ?? {}));
    return [...new Set(ids)].flatMap((id) => {
      const row = variants.get(id);
      const known = !row || row.plan !== null || row.planError !== null || row.firmware !== null;
      return known || row.state !== 'ready' || this.#unplanned.has(id) ? [] : [row];
    });
  }

  async #run(sweep: SweepEntity, clock: SweepClock, plan: SweepPlan): Promise<boolean> {
    const now = clock.now();
    return this.database.write(
      async (manager) => {
        const done = await manager.update(
          SweepEntity,
          { id: sweep.id, state: 'preparing', revision: sweep.revision },
          { plan, state: 'running', startedAt: sweep.startedAt ?? now, note: null },
        );
        this.database.afterCommit(() => this.live.touch('sweep', sweep.id));
        return done.affected !== 0;
      },
      { label: 'sweep.start' },
    );
  }

  async #note(sweep: SweepEntity, note: string): Promise<void> {
    if (sweep.note === note) return;
    await this.database.write(
      async (manager) => {
        await manager.update(SweepEntity, { id: sweep.id, state: 'preparing', revision: sweep.revision }, { note });
        this.database.afterCommit(() => this.live.touch('sweep', sweep.id));
      },
      { label: 'sweep.note' },
    );
  }
}

/** The plan without what has turned out not to fit its device; a place with nothing left has ended. */
export function withoutMisfits(
  plan: SweepPlan,
  variants: ReadonlyMap<string, VariantEntity>,
  devices: readonly DeviceEntity[],
): SweepPlan {
  const leftOut = [...plan.leftOut];
  const places = plan.places.map((place): PlacePlan => {
    const device = devices.find(({ id }) => id === place.deviceId);
    const misfits = new Map<string, Refusal>();
    for (const [recipe, id] of Object.entries(plan.variants[place.modelId] ?? {})) {
      const variant = variants.get(id);
      const misfit = device && variant?.state === 'ready' ? misfitOf(device, variant) : undefined;
      if (misfit) misfits.set(recipe, misfit);
    }
    const without = plan.recipes.filter((recipe) => misfits.has(recipe) && !place.without.includes(recipe));
    for (const recipe of without) {
      const { code, message } = misfits.get(recipe)!;
      leftOut.push({ code, message, points: place.settings.length });
    }
    const { control, ...rest } = place;
    const next: PlacePlan = {
      ...rest,
      without: [...place.without, ...without],
      ...(control !== undefined && !misfits.has(control) && { control }),
    };
    if (next.without.length < plan.recipes.length) return next;
    const why = [...misfits.values()][0]?.message ?? 'nothing of this sweep can be tried here';
    return { ...next, closing: why.slice(0, 500), ended: true };
  });
  return { ...plan, places, leftOut: merged(leftOut) };
}

function merged(leftOut: SweepPlan['leftOut']): SweepPlan['leftOut'] {
  const byReason = new Map<string, SweepPlan['leftOut'][number]>();
  for (const each of leftOut) {
    const key = `${each.code} ${each.message}`;
    byReason.set(key, { ...each, points: each.points + (byReason.get(key)?.points ?? 0) });
  }
  return [...byReason.values()].sort((a, b) => b.points - a.points);
}
