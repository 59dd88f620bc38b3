import { isLabError, packItems } from '@hilltop/contracts';
import { type Graph, readGraph, writeGraph } from '../graph.js';
import { nodeName } from '../node.js';
import {
  calibrationOf,
  definePass,
  notApplicable,
  type PassContext,
  type PassParameters,
  validationOf,
} from '../pass.js';
import { referenceOf, screenVariant } from '../screen.js';
import { type Budget, judge, type Measure, usableMeasure, type Verdict } from '../sensitivity/budget.js';
import { type LayerSensitivity, layerSensitivities } from '../sensitivity/layer-sensitivity.js';
import { rememberingHost } from '../sensitivity/remembering-host.js';
import { smallestSet } from '../sensitivity/smallest-set.js';
import { quantizeStatic } from './quantize-static.js';

/** Items that sensitivities are found on: their order hardly changes with more. */
const sensitivityItems = 256;
/** Operators whose nodes count as layers. */
const weighted = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/**
 * Quantizes as `quantize-static` does and leaves float the layers that would cost too much. Layers are ranked on calibration data;
 * validation data alone says whether the budget holds.
 */
export const mixedPrecision = definePass({
  name: 'mixed-precision',
  // Its bytes are those of quantize-static, too.
  version: 100 + quantizeStatic.version,
  summary: '8 bits but for the layers that would cost too much quality',
  parameters: {
    ...quantizeStatic.parameters,
    measure: {
      type: 'string',
      values: ['accuracy', 'agreement', 'sqnr'],
      default: 'accuracy',
      description:
        'What the budget counts on validation data: accuracy (agreement where there are no labels), agreement with fp32, or signal to noise of the first output',
    },
    budget: {
      type: 'number',
      min: 0,
      max: 100,
      default: 0.5,
      description: 'Points of accuracy or agreement that may be lost against fp32; 1 is one percent of the items',
    },
    'least-db': {
      type: 'number',
      min: 0,
      max: 150,
      default: 30,
      description: 'For measure sqnr, and where the model names no classes: the least signal to noise in dB',
    },
    'max-float': {
      type: 'number',
      min: 0,
      max: 1,
      default: 0.5,
      description: 'Share of the layers that may stay float; the pass refuses where that is not enough',
    },
  },
  needsCalibration: () => true,
  needsValidation: () => true,
  async apply(graph, parameters, context) {
    const work = new Trials(graph, parameters, context);
    const {
      measure,
      budget: points,
      'least-db': leastDb,
      'max-float': share,
    } = parameters as {
      readonly measure: Measure;
      readonly budget: number;
      readonly 'least-db': number;
      readonly 'max-float': number;
    };
    return await work.run({ measure, points, leastDb }, share);
  },
});

class Trials {
  /** Layers by the names under which `quantize-static` leaves nodes out. */
  private readonly layers: readonly string[];
  private readonly bytes: Uint8Array;
  private readonly host;
  private readonly calibration;
  private readonly validation;
  private readonly excluded: readonly string[];

  constructor(
    graph: Graph,
    private readonly parameters: PassParameters,
    private readonly context: PassContext,
  ) {
    this.layers = [...new Set(graph.body.node.filter((node) => weighted.has(node.opType)).map(nodeName))];
    this.bytes = writeGraph(graph);
    this.host = rememberingHost(context.host);
    this.calibration = calibrationOf(context);
    this.validation = validationOf(context);
    this.excluded = parameters['exclude-nodes'] as readonly string[];
  }

  async run(wanted: Budget, share: number): Promise<Graph> {
    const { context, validation, host } = this;
    const { signal } = context;
    const all = await this.quantizeAll();
    const reference = await referenceOf({ model: context.source, validation, host, ...(signal && { signal }) });
    const screen = (variant: Uint8Array) =>
      screenVariant({ model: context.source, variant, validation, host, reference, ...(signal && { signal }) });
    const first = await screen(all);
    const measure = usableMeasure(wanted.measure, first);
    if (measure !== wanted.measure)
      context.report(`judged by ${measure}: the validation data and the model allow no ${wanted.measure}`);
    const budget = { ...wanted, measure };
    context.progress(0.05);

    let best: Trial = { kept: [], model: all, verdict: judge(first, budget) };
    let chosen = best;
    let ranked: LayerSensitivity[] = [];
    let most = 0;
    if (!best.verdict.holds) {
      ranked = await this.rank();
      // Something has to be quantized.
      most = Math.min(ranked.length - 1, Math.floor(share * ranked.length + 1e-9));
      const planned = 2 * most + Math.ceil(Math.log2(most + 1));
      let asked = 0;
      const kept = await smallestSet(
        ranked.map((s) => s.layer),
        most,
        async (layers) => {
          const model = (await this.quantize(layers))!;
          const trial = { kept: layers, model, verdict: judge(await screen(model), budget) };
          if (trial.verdict.score > best.verdict.score) best = trial;
          if (trial.verdict.holds) chosen = trial;
          context.progress(0.6 + 0.39 * Math.min(1, ++asked / planned));
          return trial.verdict.holds;
        },
      );
      if (!kept) throw await this.refusal(best, ranked, most, async (model) => judge(await screen(model), budget));
    }
    const layers = ranked.length > 0 ? ranked.length : this.countQuantized(all);
    const floats = ranked.filter((s) => chosen.kept.includes(s.layer));
    if (floats.length > 0)
      context.report(`kept float: ${floats.map((s) => `${s.layer} (${s.sqnrDb.toFixed(1)} dB)`).join(', ')}`);
    context.report(
      `${layers - floats.length} of ${layers} layers in 8 bits: ${chosen.verdict.text}, on ${validation.items} validation items`,
    );
    return readGraph(chosen.model);
  }

  /** Quantizes every layer that can be. Throws `pass.not-applicable` in this pass's name. */
  private async quantizeAll(): Promise<Uint8Array> {
    try {
      return await this.apply([], (note) => this.context.report(note));
    } catch (error) {
      if (!isLabError(error) || error.code !== 'pass.not-applicable') throw error;
      const node = error.details['node'];
      const why = error.message.replace(/^quantize-static: /, '').replace(/ \(node .*\)$/s, '');
      throw notApplicable('mixed-precision', why, typeof node === 'string' ? node : undefined);
    }
  }

  /** The model with these layers left float; undefined where nothing would be left to quantize. */
  private async quantize(kept: readonly string[]): Promise<Uint8Array | undefined> {
    try {
      return await this.apply(kept, () => undefined);
    } catch (error) {
      if (isLabError(error) && error.code === 'pass.not-applicable') return undefined;
      throw error;
    }
  }

  private async apply(kept: readonly string[], report: (note: string) => void): Promise<Uint8Array> {
    const parameters = { ...this.parameters, 'exclude-nodes': [...this.excluded, ...kept] };
    const context = { ...this.context, host: this.host, report, progress: () => undefined };
    return writeGraph(await quantizeStatic.apply(readGraph(this.bytes), parameters, context));
  }

  private async rank(): Promise<LayerSensitivity[]> {
    const { context, host, layers, calibration } = this;
    const data = packItems(calibration, 0, Math.min(sensitivityItems, calibration.items));
    const candidates = layers.filter((layer) => !this.excluded.includes(layer));
    return await layerSensitivities({
      layers: candidates,
      reference: await host.outputs(this.bytes, data, context.signal),
      data,
      host,
      quantizeOnly: (layer) => this.quantize(layers.filter((other) => other !== layer)),
      onProgress: (fraction) => context.progress(0.05 + 0.55 * fraction),
      ...(context.signal && { signal: context.signal }),
    });
  }

  /** How many layers of a quantized model have lost their float weight. */
  private countQuantized(model: Uint8Array): number {
    const made = readGraph(model);
    const dequantized = new Set(made.body.node.filter((n) => n.opType === 'DequantizeLinear').flatMap((n) => n.output));
    return made.body.node.filter((n) => weighted.has(n.opType) && dequantized.has(n.input[1] ?? '')).length;
  }

  private async refusal(
    best: Trial,
    ranked: readonly LayerSensitivity[],
    most: number,
    judged: (model: Uint8Array) => Promise<Verdict>,
  ) {
    const before = await judged(this.bytes);
    const why = before.holds
      ? `the budget does not hold with ${most} of ${ranked.length} layers float; at best: ${best.verdict.text}, with ${best.kept.length} float`
      : `the budget is spent before this step: ${before.text}`;
    return notApplicable('mixed-precision', why, ranked[0]?.layer);
  }
}

interface Trial {
  readonly kept: readonly string[];
  readonly model: Uint8Array;
  readonly verdict: Verdict;
}
