/** What a dropped file is for. */
export type FileRole = 'model' | 'evaluation' | 'calibration' | 'validation';

export const fileRoles = ['model', 'evaluation', 'calibration', 'validation'] as const satisfies readonly FileRole[];

export interface SortedFiles<F> {
  readonly files: Readonly<Partial<Record<FileRole, F>>>;
  /** Names of what is neither .onnx nor .npz. */
  readonly refused: readonly string[];
}

/**
 * Gives dropped files their uses by their names: `.onnx` is the model, an `.npz` with "calib" or "valid" in its name is
 * that set, any other is the evaluation set while there is none, then calibration, then validation. A person can change it.
 */
export function sortFiles<F extends { readonly name: string }>(
  dropped: readonly F[],
  before: Readonly<Partial<Record<FileRole, F>>> = {},
): SortedFiles<F> {
  const files: Partial<Record<FileRole, F>> = { ...before };
  const refused: string[] = [];
  const rest: F[] = [];
  for (const file of dropped) {
    const name = file.name.toLowerCase();
    if (name.endsWith('.onnx')) files.model = file;
    else if (!name.endsWith('.npz')) refused.push(file.name);
    else if (/calib/.test(name)) files.calibration = file;
    else if (/valid|(^|[^a-z])val([^a-z]|$)/.test(name)) files.validation = file;
    else if (/eval|test/.test(name)) files.evaluation = file;
    else rest.push(file);
  }
  for (const file of rest) {
    const free = (['evaluation', 'calibration', 'validation'] as const).find((role) => files[role] === undefined);
    if (free) files[free] = file;
    else refused.push(file.name);
  }
  return { files, refused };
}

/** A model's name from its file's: what the lab accepts as a name. */
export function modelNameOf(fileName: string): string {
  const bare = fileName
    .replace(/\.onnx$/i, '')
    .replace(/[^\p{L}\p{N} ._+-]/gu, '-')
    .replace(/^[^\p{L}\p{N}]+/u, '');
  return bare.slice(0, 100) || 'model';
}
