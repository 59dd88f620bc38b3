import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecipeFile, RunSettings } from '@hilltop/contracts';
import { root } from '../../test/support/lab.js';
import type { Machine } from './report.js';

/** A value and its 95 % interval; an exact value is its own interval. */
export type Interval = readonly [value: number, low: number, high: number];

/** What one protocol gave of a point, and the time in which it held the device. */
export interface RecordedResult {
  readonly latencyMs: Interval;
  readonly seconds: number;
}

/** A recipe under run settings on one device, really measured. */
export interface RecordedPoint {
  readonly recipe: string;
  readonly settings: RunSettings;
  readonly quick: RecordedResult;
  readonly standard: RecordedResult;
}

/** A recipe as it came out for a model, without any device. */
export interface RecordedVariant {
  readonly recipe: string;
  readonly steps: RecipeFile['steps'];
  /** On validation data: what a search may know beforehand. */
  readonly screening: {
    readonly accuracy: Interval;
    readonly sizeBytes: number;
    readonly macs?: number;
    readonly activationPeakBytes?: number;
  };
  /** On evaluation data: what a run reports. */
  readonly accuracy: Interval;
}

/** What the short protocols were. */
export interface RecordedProtocol {
  readonly blocks: number;
  /** Of the loop in each block: so long on a host, so many inferences on an emulated board. */
  readonly blockMinMs?: number;
  readonly inferences?: number;
}

/** Every point of one model on one device. */
export interface Recording {
  readonly model: string;
  readonly device: string;
  readonly emulated: boolean;
  /** Of the session that finished it; points of one that was cut are older. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly machine: Machine;
  readonly items: { readonly validation: number; readonly evaluation: number };
  /** Classes of the labels: an accuracy by chance is one of so many. */
  readonly classes: number;
  readonly protocols: Readonly<Record<'quick' | 'standard', RecordedProtocol>>;
  readonly control: string;
  readonly variants: readonly RecordedVariant[];
  readonly points: readonly RecordedPoint[];
  /** Recipes that gave no point, and why. */
  readonly refused: readonly { readonly recipe: string; readonly code: string }[];
  readonly notes: readonly string[];
}

const folder = join(root, 'bench', 'recordings');
const fileOf = (model: string, device: string): string => join(folder, `${model}.${device}.json`);

/** One line a variant, one a point: small, and readable in a difference. */
export function writeRecording(recording: Recording): void {
  const { variants, points, ...facts } = recording;
  const lines = (rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join(',\n');
  const head = JSON.stringify(facts).slice(0, -1);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    fileOf(recording.model, recording.device),
    `${head},\n"variants":[\n${lines(variants)}\n],"points":[\n${lines(points)}\n]}\n`,
  );
}

export const isRecorded = (model: string, device: string): boolean => existsSync(fileOf(model, device));

/** All that are kept, by model and device. */
export function readRecordings(): Recording[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Recording);
}
