import type { Access } from './user.js';

export interface VerbOption {
  /** `--protocol P` */
  readonly flag: string;
  readonly description: string;
  readonly repeatable?: boolean;
}

/** What a person can do: read by the CLI, the palette, the key sheet and "copy CLI". */
export interface VerbRow {
  readonly usage: string;
  readonly summary: string;
  readonly example: string;
  /** The REST call behind it, where there is exactly one. */
  readonly rest?: string;
  /** What it demands of the lab; absent: it talks to no lab. */
  readonly access?: Access;
  readonly options: readonly VerbOption[];
}

export const deviceOption = { flag: '-d, --device DEVICE', description: 'id or name of a device', repeatable: true };
export const labelOption = { flag: '-l, --label k=v', description: 'devices with this label', repeatable: true };
export const modelOption = { flag: '-m, --model MODEL', description: 'id or name of a model' };
export const recipeOption = { flag: '-r, --recipe RECIPE', description: 'name of a recipe', repeatable: true };
export const dataOption = {
  flag: '--data DIR',
  description: 'where the lab keeps everything (default: ~/.local/share/hilltop)',
};
