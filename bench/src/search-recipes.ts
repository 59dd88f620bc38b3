import type { RecipeFile } from '@hilltop/contracts';

type Step = RecipeFile['steps'][number];

/** A recipe of a search space: steps with their parameters; the name is made of them. */
export interface SpaceRecipe {
  readonly name: string;
  readonly steps: readonly Step[];
}

const step = (pass: Step['pass'], parameters: Step['parameters'] = {}): Step => ({ pass, parameters });
const recipe = (name: string, ...steps: Step[]): SpaceRecipe => ({ name, steps: [step('optimize'), ...steps] });
const percent = (share: number): string => String(Math.round(100 * share));

const int8 = (parameters: Step['parameters'] = {}): Step => step('quantize-static', parameters);
const prune = (ratio: number, more: Step['parameters'] = {}): Step => step('prune-channels', { ratio, ...more });
const lowRank = (energy: number): Step => step('factorize-low-rank', { energy });
/** Zeros by size: seconds less a recipe than by reconstruction, and what is searched is the same. */
const zeros = (sparsity: number): Step =>
  step('prune-magnitude', { sparsity, criterion: 'magnitude', recover: 'none' });
const clusters = (count: number): Step => step('cluster-weights', { clusters: count });

/** What a person would let a sweep try on hosts: 54 recipes. */
export const hostRecipes: readonly SpaceRecipe[] = [
  { name: 'fp32', steps: [] },
  recipe('optimized'),
  recipe('fp16', step('fp16')),
  recipe('int8-weights', step('quantize-weights', { bits: 8 })),
  ...[0, 32].map((block) => recipe(`int4-b${block}`, step('quantize-weights', { bits: 4, 'block-size': block }))),
  ...[8, 16, 64].map((count) => recipe(`cluster-${count}`, clusters(count))),
  recipe('int8-dynamic', step('quantize-dynamic')),
  ...['minmax', 'percentile', 'mse'].map((calibration) => recipe(`int8-${calibration}`, int8({ calibration }))),
  recipe('int8-tensor', int8({ 'per-channel': false })),
  recipe('int8-arm', int8({ profile: 'arm64' })),
  recipe('int8-portable', int8({ profile: 'portable' })),
  recipe('int8-equalized', step('equalize'), int8()),
  ...[0.1, 1].map((points) => recipe(`mixed-${points}`, step('mixed-precision', { budget: points }))),
  ...[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7].flatMap((ratio) => [
    recipe(`channels-${percent(ratio)}`, prune(ratio)),
    recipe(`channels-${percent(ratio)}+int8`, prune(ratio), int8()),
  ]),
  ...[0.3, 0.5].map((ratio) => recipe(`channels-${percent(ratio)}-m1`, prune(ratio, { multiple: 1 }))),
  ...[0.25, 0.5].map((ratio) => recipe(`channels-${percent(ratio)}+cluster-16`, prune(ratio), clusters(16))),
  ...[0.8, 0.85, 0.9, 0.95].flatMap((energy) => [
    recipe(`low-rank-${percent(energy)}`, lowRank(energy)),
    recipe(`low-rank-${percent(energy)}+int8`, lowRank(energy), int8()),
  ]),
  ...[0.2, 0.4].flatMap((ratio) => [
    recipe(`channels-${percent(ratio)}+low-rank-90`, prune(ratio), lowRank(0.9)),
    recipe(`channels-${percent(ratio)}+low-rank-90+int8`, prune(ratio), lowRank(0.9), int8()),
  ]),
  ...[0.3, 0.6].flatMap((share) => [
    recipe(`zeros-${percent(share)}`, zeros(share)),
    recipe(`zeros-${percent(share)}+int8`, zeros(share), int8()),
  ]),
];

/** Ways to give the whole of a variant 8 bits. */
const boardQuantizations: readonly (readonly [name: string, steps: readonly Step[]])[] = [
  ['int8', [int8()]],
  ['int8-percentile', [int8({ calibration: 'percentile' })]],
  ['int8-tensor', [int8({ 'per-channel': false })]],
  ['int8-arm', [int8({ profile: 'arm64' })]],
  ['equalized-int8', [step('equalize'), int8()]],
];

/** What comes before: shapes, and with them cycles and bytes. */
const boardShapes: readonly (readonly [name: string, steps: readonly Step[]])[] = [
  ['', []],
  ...[0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8].flatMap((ratio) =>
    [2, 4, 8].map((multiple) => [`channels-${percent(ratio)}-m${multiple}+`, [prune(ratio, { multiple })]] as const),
  ),
  ...[0.75, 0.8, 0.85, 0.9, 0.95].map((energy) => [`low-rank-${percent(energy)}+`, [lowRank(energy)]] as const),
  ...[0.25, 0.5].flatMap((ratio) =>
    [0.8, 0.9].map(
      (energy) => [`channels-${percent(ratio)}+low-rank-${percent(energy)}+`, [prune(ratio), lowRank(energy)]] as const,
    ),
  ),
];

/** On a microcontroller settings change nothing, so that parameters are finer: shapes in five kinds of 8 bits. */
export const boardRecipes: readonly SpaceRecipe[] = boardShapes.flatMap(([shape, before]) =>
  boardQuantizations.map(([name, steps]) => recipe(`${shape}${name}`, ...before, ...steps)),
);
