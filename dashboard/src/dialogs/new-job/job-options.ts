import { type Device, type JobCreate, precisions, type RunSettings, runtimeIdOf } from '@hilltop/contracts';

type Precision = NonNullable<RunSettings['precision']>;

/** What else a job may ask for; everything empty: as the lab does it by itself. */
export interface JobOptions {
  /** Each of a set is its own run. */
  readonly providers: ReadonlySet<string>;
  readonly precisions: ReadonlySet<Precision>;
  readonly powerModes: ReadonlySet<string>;
  /** Numbers as they were typed; `batches` with commas. */
  readonly batches: string;
  readonly items: string;
  readonly repeats: string;
  readonly replicates: string;
  readonly priority: string;
  readonly official: boolean;
}

export const emptyOptions: JobOptions = {
  ...{ providers: new Set(), precisions: new Set(), powerModes: new Set() },
  ...{ batches: '', items: '', repeats: '', replicates: '', priority: '', official: false },
};

interface Range {
  readonly min: number;
  readonly max: number;
  readonly what: string;
}

export const ranges = {
  items: { min: 1, max: 1_000_000, what: 'evaluation items' },
  repeats: { min: 0, max: 3, what: 'repeats' },
  replicates: { min: 1, max: 20, what: 'replicates' },
  priority: { min: -10, max: 10, what: 'priority' },
} as const satisfies Partial<Record<keyof JobOptions, Range>>;

/** A whole number of a text; undefined: it is none, or out of its range. */
function whole(text: string, { min, max }: Range): number | undefined {
  const value = Number(text);
  return text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}

const batchRange: Range = { min: 1, max: 1024, what: 'batches' };

function batchesOf(text: string): (number | undefined)[] {
  return [...new Set(text.split(/[,\s]+/).filter((part) => part !== ''))].map((part) => whole(part, batchRange));
}

/** What cannot be read, in the order of the form. Pure. */
export function optionErrors(options: JobOptions): string[] {
  const bad = (Object.keys(ranges) as (keyof typeof ranges)[]).filter(
    (key) => options[key].trim() !== '' && whole(options[key], ranges[key]) === undefined,
  );
  return [
    ...(batchesOf(options.batches).includes(undefined)
      ? ['give batches as whole numbers from 1 to 1024, e.g. 1, 8']
      : []),
    ...bad.map((key) => `give ${ranges[key].what} as a whole number from ${ranges[key].min} to ${ranges[key].max}`),
  ];
}

/** Every combination of what was chosen beside threads and runtime; one empty one when nothing was. Pure. */
export function settingsParts(options: JobOptions): Partial<RunSettings>[] {
  const batches = batchesOf(options.batches).flatMap((batch) => (batch === undefined ? [] : [{ batch }]));
  const axes: Partial<RunSettings>[][] = [
    [...options.providers].map((provider) => ({ provider })),
    [...options.precisions].map((precision) => ({ precision })),
    batches,
    [...options.powerModes].map((powerMode) => ({ powerMode })),
  ];
  return axes
    .filter((axis) => axis.length > 0)
    .reduce<Partial<RunSettings>[]>(
      (all, axis) => all.flatMap((before) => axis.map((each) => ({ ...before, ...each }))),
      [{}],
    );
}

/** What of a job beside its settings was chosen; what was not is left to the lab. Pure. */
export function jobFields(options: JobOptions): Partial<JobCreate> {
  const [items, repeats, replicates, priority] = (['items', 'repeats', 'replicates', 'priority'] as const).map((key) =>
    whole(options[key], ranges[key]),
  );
  return {
    ...(items !== undefined && { evaluationItems: items }),
    ...(repeats !== undefined && { repeats }),
    ...(replicates !== undefined && { replicates }),
    ...(priority !== undefined && { priority }),
    ...(options.official && { official: true }),
  };
}

export interface OptionChoices {
  readonly providers: readonly string[];
  readonly precisions: readonly Precision[];
  readonly powerModes: readonly string[];
}

/** What the chosen devices offer; what there is only one of is no choice. Pure. */
export function optionChoices(chosen: ReadonlySet<string>, devices: readonly Device[]): OptionChoices {
  const meant = devices.filter(({ id }) => chosen.size === 0 || chosen.has(id));
  const runtimes = meant.flatMap(({ facts }) => facts.runtimes);
  const providers = [...new Set(runtimes.flatMap((runtime) => runtime.providers))].sort();
  return {
    providers: providers.length > 1 ? providers : [],
    precisions: runtimes.some((runtime) => runtimeIdOf(runtime) === 'trtexec') ? precisions : [],
    powerModes: [...new Set(meant.flatMap(({ facts }) => facts.powerModes ?? []))].sort(),
  };
}

/** `3 recipes × 2 devices × 2 settings = 12 runs`; factors of one are left out. Pure. */
export function countText(factors: { recipes: number; devices: number; settings: number; replicates: number }): string {
  const words = { recipes: 'recipe', devices: 'device', settings: 'setting', replicates: 'replicate' } as const;
  const keys = Object.keys(words) as (keyof typeof words)[];
  const runs = keys.reduce((product, key) => product * factors[key], 1);
  const parts = keys
    .filter((key) => factors[key] !== 1 || key === 'recipes' || key === 'devices')
    .map((key) => `${factors[key]} ${words[key]}${factors[key] === 1 ? '' : 's'}`);
  return `${parts.join(' × ')} = ${runs} ${runs === 1 ? 'run' : 'runs'}`;
}
