import type { Recipe, Screening } from '@hilltop/contracts';
import type { EntityManager } from 'typeorm';
import { ModelEntity } from '../models/model.entity.js';
import { statedOf } from '../models/training-metrics.js';
import { VariantEntity } from './variant.entity.js';

/** What is known of an artifact already. */
export interface Twin {
  readonly row: VariantEntity;
  /** Whether its cost and quality are this variant's too: they depend on shapes and validation data. */
  readonly isWhole: boolean;
}

/** A ready variant with the same artifact, of whatever model; one of which everything can be taken over comes first. */
export async function twinOf(manager: EntityManager, cacheKey: string, model: ModelEntity): Promise<Twin | undefined> {
  const rows = await manager.find(VariantEntity, { where: { cacheKey, state: 'ready' }, relations: { model: true } });
  const whole = rows.find((row) => row.model && ground(row.model) === ground(model));
  const row = whole ?? rows[0];
  return row && { row, isWhole: whole !== undefined };
}

const ground = ({ inputs, validation }: ModelEntity): string =>
  JSON.stringify([inputs.map((input) => input.dims), validation?.sha256]);

/** What is taken over from a twin; what training cost and the recipe's floor are the variant's own. */
export function knownOf(
  twin: VariantEntity,
  own: Pick<VariantEntity, 'metrics' | 'recipe'>,
): Pick<VariantEntity, 'artifactSha256' | 'artifactBytes' | 'metrics' | 'steps' | 'screening'> {
  const stated = new Set(Object.keys(statedOf(twin.metrics)));
  const found = Object.entries(twin.metrics).filter(([id]) => !stated.has(id));
  return {
    artifactSha256: twin.artifactSha256,
    artifactBytes: twin.artifactBytes,
    metrics: { ...Object.fromEntries(found), ...statedOf(own.metrics) },
    steps: twin.steps,
    screening: twin.screening && heldAgainst(twin.screening, own.recipe.floor),
  };
}

/** Two names of one recipe may promise different things. */
function heldAgainst({ belowFloor: _other, ...screening }: Screening, floor: Recipe['floor']): Screening {
  const { agreement, sqnr_db, mse } = screening.metrics;
  const below: NonNullable<Screening['belowFloor']> = [];
  if (floor?.agreement !== undefined && agreement && agreement.value < floor.agreement) below.push('agreement');
  // No noise has an error of zero and no ratio; outputs that are not finite have neither.
  if (floor?.sqnr_db !== undefined && (!mse || (sqnr_db && sqnr_db.value < floor.sqnr_db))) below.push('sqnr_db');
  return { ...screening, ...(below.length > 0 && { belowFloor: below }) };
}
