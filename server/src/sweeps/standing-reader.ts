import type { MetricId, MetricValues, Recipe, RunError } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { ReferencePointEntity } from '../frontier/reference-point.entity.js';
import { Database } from '../links/database.js';
import { VariantEntity } from '../variants/variant.entity.js';
import type { SweepStanding } from './decide.js';
import { misfitOf } from './misfit.js';
import type { SearchPoint } from './samplers/sampler.js';
import type { PlaceFacts } from './search-state.js';
import type { SweepEntity } from './sweep.entity.js';
import type { SweepClock } from './sweep-clock.js';
import { type PlacePlan, placeKeyOf, pointsOf, type SweepPlan } from './sweep-plan.js';
import { TrialEntity } from './trial.entity.js';
import type { Reference } from './volumes.js';

const gone: RunError = { code: 'recipe.unknown', message: 'its variant is gone', cause: 'user' };

/** A standing with all that is stored of its trials. */
export interface ReadStanding extends SweepStanding {
  readonly trials: readonly TrialEntity[];
}

/** Everything that the next decision of a sweep rests on, as it is committed now. */
@Injectable()
export class StandingReader {
  constructor(private readonly database: Database) {}

  async read(sweep: SweepEntity, clock: SweepClock): Promise<ReadStanding> {
    const { plan, file } = sweep;
    const { manager } = this.database.reader;
    const trials = await manager.find(TrialEntity, { where: { sweepId: sweep.id }, order: { number: 'ASC' } });
    const variants = await this.variantsOf(plan);
    const references = await manager.findBy(ReferencePointEntity, {
      modelId: In([...new Set(plan.places.map(({ modelId }) => modelId))]),
      protocol: file.protocol,
    });
    const devices = await manager.findBy(DeviceEntity, { id: In(plan.places.map(({ deviceId }) => deviceId)) });
    const facts = new Map(
      plan.places.map((place): [string, PlaceFacts] => {
        const variantOf = (recipe: string): VariantEntity | undefined =>
          variants.get(plan.variants[place.modelId]?.[recipe] ?? '');
        const device = devices.find(({ id }) => id === place.deviceId);
        const reference = referenceOf(plan, place, references);
        const points = pointsOf(plan, place);
        return [
          placeKeyOf(place),
          {
            points: points.map((point): SearchPoint => ({ ...point, ...knownOf(variantOf(point.recipe), place) })),
            refusals: new Map(
              [...new Set(points.map(({ recipe }) => recipe))].flatMap((recipe) => {
                const error = refusalOf(variantOf(recipe), device);
                return error ? [[recipe, error] as const] : [];
              }),
            ),
            ...(reference && { reference }),
          },
        ];
      }),
    );
    const startedMs = sweep.startedAt === null ? clock.nowMs() : Date.parse(sweep.startedAt);
    return { file, plan, trials, facts, wallSeconds: Math.max(0, clock.nowMs() - startedMs) / 1000 };
  }

  /** The plan's variants by id. */
  async variantsOf(plan: SweepPlan): Promise<Map<string, VariantEntity>> {
    const ids = Object.values(plan.variants).flatMap((each) => Object.values(each));
    const rows = await this.database.reader.getRepository(VariantEntity).findBy({ id: In(ids) });
    return new Map(rows.map((row) => [row.id, row]));
  }
}

function refusalOf(variant: VariantEntity | undefined, device: DeviceEntity | undefined): RunError | undefined {
  if (!variant) return gone;
  if (variant.state === 'failed')
    return {
      code: variant.error?.code ?? 'pass.failed',
      message: variant.error?.message ?? 'the variant could not be built',
      cause: 'user',
    };
  const misfit = device && misfitOf(device, variant);
  return misfit && { code: misfit.code, message: misfit.message, cause: 'user' };
}

/** Cost, quality on validation data, and on a board its plan; which passes with which parameters. */
function knownOf(variant: VariantEntity | undefined, place: PlacePlan): Pick<SearchPoint, 'screening' | 'features'> {
  if (!variant) return { screening: {}, features: {} };
  const { plan, metrics, screening, recipe } = variant;
  const board: MetricValues =
    place.isBoard && plan
      ? {
          size_bytes: { value: plan.bytes, n: 1, unit: 'bytes' },
          arena_bytes: { value: plan.arenaBytes, n: 1, unit: 'bytes' },
        }
      : {};
  return { screening: { ...metrics, ...screening?.metrics, ...board }, features: featuresOf(recipe) };
}

function featuresOf(recipe: Recipe): Record<string, number | string> {
  const features: Record<string, number | string> = {};
  for (const { pass, parameters } of recipe.steps) {
    features[pass] = 1;
    for (const [name, value] of Object.entries(parameters))
      features[`${pass}.${name}`] =
        typeof value === 'boolean' ? Number(value) : Array.isArray(value) ? value.join(',') : value;
  }
  return features;
}

function referenceOf(plan: SweepPlan, place: PlacePlan, rows: readonly ReferencePointEntity[]): Reference | undefined {
  const own = (plan.objectives[place.modelId] ?? []).map(({ metric }) =>
    rows.find(
      (row) =>
        row.modelId === place.modelId && row.deviceType === place.deviceType && row.metric === (metric as MetricId),
    ),
  );
  if (own.length === 0 || own.some((row) => row === undefined)) return undefined;
  return { corner: own.map((row) => row!.value), fp32: own.map((row) => row!.fp32) };
}
