import type { MetricValues, Recipe, Screening } from '@hilltop/contracts';

/** What is to be made of one file: plain data, for it goes to a thread. */
export interface CompressPlan {
  /** The source model, an .onnx file. */
  readonly model: string;
  /** .npz files. Calibration gives ranges; validation chooses and screens. */
  readonly calibration?: string;
  readonly validation?: string;
  /** Version of hilltop: what another one measured is measured again. */
  readonly version: string;
  readonly items: readonly PlanItem[];
}

export interface PlanItem {
  readonly recipe: Recipe;
  /** Where the variant goes; absent: it is not kept. */
  readonly file?: string;
}

/** What one recipe came to. */
export interface MadeVariant {
  readonly recipe: string;
  readonly ms: number;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly artifactId?: string;
  readonly file?: string;
  /** It was there already, made from the same. */
  readonly reused?: boolean;
  /** The recipe has steps, and none of them changed anything. */
  readonly unchanged?: boolean;
  /** Cost without a device. */
  readonly metrics?: MetricValues;
  readonly screening?: Screening;
  readonly steps?: readonly MadeStep[];
  /** The artifact is good, but its cost could not be found, or it could not be screened. */
  readonly troubles?: readonly Refusal[];
  readonly error?: Refusal;
}

export interface MadeStep {
  readonly pass: string;
  readonly ms: number;
  readonly notes: readonly string[];
  readonly nodesChanged: number;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** How far the variant under way is. */
export interface CompressProgress {
  /** Which item of the plan. */
  readonly index: number;
  /** A pass, or what follows the passes. */
  readonly doing: string;
  /** This is step `step` of `steps`, from 1. */
  readonly step: number;
  readonly steps: number;
  /** How much of the step is done, 0 to 1, where it tells. */
  readonly fraction?: number;
}

export type CompressEvent =
  | { readonly kind: 'model'; readonly sha256: string; readonly bytes: number }
  | { readonly kind: 'progress'; readonly progress: CompressProgress }
  | { readonly kind: 'made'; readonly index: number; readonly variant: MadeVariant };

/** Where a file lies until it is whole; the same for everybody in this process, so that whoever is left can remove it. */
export const partOf = (file: string): string => `${file}.part-${process.pid}`;
/** What is known of a variant lies beside it. */
export const recordOf = (file: string): string => `${file.replace(/\.onnx$/i, '')}.json`;

/** What is said to the thread to end it. */
export const cancelWord = 'cancel';
