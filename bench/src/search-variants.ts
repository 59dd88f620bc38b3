import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  applyRecipe,
  type Host,
  modelCost,
  referenceOf,
  resolveRecipe,
  type ScreeningReference,
  screenVariant,
} from '@hilltop/compression';
import { isLabError, type MetricValue } from '@hilltop/contracts';
import { root } from '../../test/support/lab.js';
import type { ModelSource } from './model-sources.js';
import type { Interval, RecordedVariant } from './recording.js';
import type { SpaceRecipe } from './search-recipes.js';

/** A variant as bytes, and what is known of it without a device. */
export interface MadeVariant {
  readonly variant: RecordedVariant;
  readonly artifact: Uint8Array;
}

export interface Refused {
  readonly recipe: string;
  readonly code: string;
}

const cache = join(root, 'bench', '.cache', 'search');

/**
 * Makes variants of one model. Steps that recipes have in common are made once: a step sees the model before it and the data,
 * and nothing else. Kept on disk, so that a second device, or a second session, need not make them again.
 */
export class VariantMaker {
  private readonly made = new Map<string, Promise<Uint8Array>>();
  private references?: Promise<{ readonly validation: ScreeningReference; readonly evaluation: ScreeningReference }>;

  constructor(
    private readonly source: ModelSource,
    private readonly host: Host,
  ) {
    mkdirSync(cache, { recursive: true });
  }

  /** Its variant, or the code with which a pass or the host refused. */
  async make({ name, steps }: SpaceRecipe): Promise<MadeVariant | Refused> {
    try {
      const artifact = await this.artifact(steps);
      return { artifact, variant: { recipe: name, steps: [...steps], ...(await this.judged(artifact)) } };
    } catch (error) {
      if (!isLabError(error)) throw error;
      return { recipe: name, code: error.code };
    }
  }

  private artifact(steps: SpaceRecipe['steps']): Promise<Uint8Array> {
    if (steps.length === 0) return Promise.resolve(this.source.bytes);
    const key = this.keyOf(JSON.stringify(steps));
    const known = this.made.get(key);
    if (known) return known;
    const making = this.apply(key, steps);
    this.made.set(key, making);
    return making;
  }

  private async apply(key: string, steps: SpaceRecipe['steps']): Promise<Uint8Array> {
    const file = join(cache, `${key}.onnx`);
    if (existsSync(file)) return readFileSync(file);
    const model = await this.artifact(steps.slice(0, -1));
    const recipe = resolveRecipe({ name: 'step', title: 'step', description: '', steps: steps.slice(-1) });
    const { calibration, validation } = this.source;
    const { artifact } = await applyRecipe({ model, recipe, host: this.host, calibration, validation });
    writeFileSync(file, artifact);
    return artifact;
  }

  private async judged(artifact: Uint8Array): Promise<Pick<RecordedVariant, 'screening' | 'accuracy'>> {
    const file = join(cache, `${this.keyOf(createHash('sha256').update(artifact).digest('hex'))}.json`);
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
    const { host, source } = this;
    this.references ??= Promise.all(
      [source.validation, source.evaluation].map((validation) =>
        referenceOf({ model: source.bytes, validation, host }),
      ),
    ).then(([validation, evaluation]) => ({ validation: validation!, evaluation: evaluation! }));
    const { validation, evaluation } = await this.references;
    const accuracyBy = async (reference: ScreeningReference): Promise<Interval> => {
      const { metrics } = await screenVariant({
        model: source.bytes,
        variant: artifact,
        validation: reference.validation,
        host,
        reference,
      });
      return intervalOf(metrics.accuracy!);
    };
    const cost = await modelCost(artifact, { host, pack: source.validation });
    const judged = {
      screening: {
        accuracy: await accuracyBy(validation),
        sizeBytes: cost.size_bytes,
        ...(cost.macs !== undefined && { macs: cost.macs }),
        ...(cost.activation_peak_bytes !== undefined && { activationPeakBytes: cost.activation_peak_bytes }),
      },
      accuracy: await accuracyBy(evaluation),
    };
    writeFileSync(file, JSON.stringify(judged));
    return judged;
  }

  private keyOf(what: string): string {
    const model = createHash('sha256').update(this.source.bytes).digest('hex');
    return createHash('sha256').update(`${model}\n${what}`).digest('hex').slice(0, 32);
  }
}

const round = (value: number): number => Number(value.toPrecision(6));

/** A metric as a recording keeps it, to six digits. */
export function intervalOf({ value, low, high }: MetricValue): Interval {
  return [round(value), round(low ?? value), round(high ?? value)];
}
