import { Name, type ProtocolName, type QualityMetric, type Recipe } from '@hilltop/contracts';
import type { FileRole } from './sort-files.js';

/** What a person has chosen so far. */
export interface JobDraft {
  /** An existing model's id; absent: the dropped files become a new one. */
  readonly modelId: string | undefined;
  readonly files: Readonly<Partial<Record<FileRole, File>>>;
  readonly modelName: string;
  readonly metric: QualityMetric | undefined;
  readonly recipes: ReadonlySet<string>;
  /** Empty: every device. */
  readonly devices: ReadonlySet<string>;
  readonly protocol: ProtocolName;
  /** Comma separated, e.g. `1, 2`: each is its own run. */
  readonly threads: string;
}

/** fp32 is the reference of every frontier, so it is in unless taken out. */
export const emptyDraft: JobDraft = {
  modelId: undefined,
  files: {},
  modelName: '',
  metric: undefined,
  recipes: new Set(['fp32']),
  devices: new Set(),
  protocol: 'quick',
  threads: '1',
};

/** The threads of a draft; undefined when the text is not a list of whole numbers from 1 to 256. */
export function threadsOf(text: string): number[] | undefined {
  const parts = text.split(/[,\s]+/).filter((part) => part !== '');
  const threads = [...new Set(parts.map(Number))];
  return threads.length > 0 && threads.length <= 20 && threads.every((n) => Number.isInteger(n) && n >= 1 && n <= 256)
    ? threads
    : undefined;
}

/** What still stands between the draft and its start, in the order of the form; empty when nothing does. */
export function missingOf(draft: JobDraft, recipes: readonly Recipe[], hasCalibration: boolean): string[] {
  const isNew = draft.modelId === undefined;
  const needing = recipes
    .filter((recipe) => draft.recipes.has(recipe.name) && recipe.needsCalibration)
    .map((recipe) => recipe.name);
  return [
    ...(isNew && !draft.files.model ? ['choose a model or drop an .onnx file'] : []),
    ...(isNew && draft.files.model && !Name.safeParse(draft.modelName).success
      ? ['give the model a name that starts with a letter or digit']
      : []),
    ...(draft.recipes.size === 0 ? ['choose at least one recipe'] : []),
    ...(needing.length > 0 && !hasCalibration
      ? [`drop a calibration set: ${needing.join(', ')} need${needing.length === 1 ? 's' : ''} one`]
      : []),
    ...(threadsOf(draft.threads) === undefined ? ['give threads as whole numbers, e.g. 1, 2'] : []),
  ];
}

/** How many runs the draft asks for. */
export function runsOf(draft: JobDraft, deviceCount: number): number {
  return draft.recipes.size * (threadsOf(draft.threads)?.length ?? 0) * (draft.devices.size || deviceCount);
}
