import type { Cause, TicksKind } from '@hilltop/contracts';
import { isLabError } from '@hilltop/contracts';
import type { PortIdentity } from './port-identity.js';
import type { UploadOptions, UploadResult } from './smp/upload.js';

/** A board with a plan interpreter, as its firmware describes itself. Sizes in bytes. */
export interface BoardInfo {
  readonly board: string;
  readonly firmware: string;
  readonly cpu: string;
  /** Of the tick counter. */
  readonly hz: number;
  readonly ticksKind: TicksKind;
  /** For plan and arena together. */
  readonly ramBytes: number;
  /** The server's message buffer. */
  readonly bufferBytes: number;
  /** High-water mark. */
  readonly stackBytes: number;
  /** SHA-256 of the loaded plan, hex. */
  readonly loadedPlan?: string;
  readonly boot?: number;
}

export interface LoadedPlan {
  readonly sha256: string;
  readonly arenaBytes: number;
  readonly planBytes: number;
  readonly layers: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

export interface FitCheck {
  readonly fits: boolean;
  readonly needBytes: number;
  readonly haveBytes: number;
}

export interface InferOptions {
  /** Timed inferences. */
  readonly inferences: number;
  /** Untimed ones before. */
  readonly warmUp?: number;
  /** Told of ticks as they come, in pieces. */
  readonly onTicks?: (ticks: Uint32Array) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface LayerTicks {
  readonly layer: number;
  /** Kind of the plan's operation. */
  readonly op: number;
  readonly ticks: number;
  readonly macs: number;
}

/**
 * A microcontroller that runs plans. Every call throws LabErrors whose `details.cause` says who has to act:
 * `device.unplugged` (infrastructure): the port is gone; `device.no-answer` (device): it hangs;
 * `device.rebooted` (device): it restarted and lost the plan; `device.protocol` (device): what it says cannot be;
 * `device.refused` (user: does not fit or is not understood; infrastructure: damaged on the way): its own words and numbers.
 */
export interface Board {
  readonly identity: PortIdentity;
  readonly info: (options?: { readonly signal?: AbortSignal }) => Promise<BoardInfo>;
  /** Resumes what a cut left there; a plan that is loaded already is not sent again. */
  readonly upload: (plan: Uint8Array, options?: UploadOptions) => Promise<UploadResult>;
  /** `sha256` in hex, of the plan that was uploaded. */
  readonly load: (sha256: string, options?: { readonly signal?: AbortSignal }) => Promise<LoadedPlan>;
  /** Ticks of each timed inference, with the input that is there. */
  readonly infer: (options: InferOptions) => Promise<Uint32Array>;
  /** One item: the whole input 0 in, the whole output 0 out, and the ticks it took. */
  readonly runItem: (
    input: Uint8Array,
    options?: { readonly signal?: AbortSignal | undefined },
  ) => Promise<{ readonly output: Uint8Array; readonly ticks: number }>;
  /** Ticks by layer of one more inference. */
  readonly layers: (options?: { readonly signal?: AbortSignal }) => Promise<readonly LayerTicks[]>;
  readonly erase: () => Promise<void>;
  /** Restarts the board; the plan is gone. */
  readonly reset: () => Promise<void>;
  /** Text the board prints beside the protocol, as it comes. The answer ends the listening. */
  readonly onConsole: (listener: (text: string) => void) => () => void;
  /** Bytes as they are, between two frames: a shell shares the line. Resolves when the system has them. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** As the port's. */
  readonly onClose: (listener: (reason: Error | undefined) => void) => () => void;
  /** What went over the wire and was not as it should be. */
  readonly wire: () => WireReport;
  readonly close: () => Promise<void>;
}

/** Totals since the board was opened. */
export interface WireReport {
  readonly requests: number;
  readonly retries: number;
  readonly lateAnswers: number;
  readonly duplicateAnswers: number;
  readonly unmatchedPackets: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** Pieces of damaged or cut frames. */
  readonly discarded: number;
  readonly discardedBytes: number;
}

/** Whether plan and arena fit into a board's memory. */
export function fitCheck(
  info: Pick<BoardInfo, 'ramBytes'>,
  plan: { readonly planBytes: number; readonly arenaBytes: number },
): FitCheck {
  const needBytes = plan.planBytes + plan.arenaBytes;
  return { fits: needBytes <= info.ramBytes, needBytes, haveBytes: info.ramBytes };
}

/** How a board failed, for a decision: what the error's code stands for, and who has to act. */
export function boardFailure(
  error: unknown,
): { readonly kind: 'unplugged' | 'hung' | 'rebooted' | 'lies' | 'refused'; readonly cause: Cause } | undefined {
  if (!isLabError(error)) return undefined;
  const kinds = {
    'device.unplugged': 'unplugged',
    'device.no-answer': 'hung',
    'device.rebooted': 'rebooted',
    'device.protocol': 'lies',
    'device.refused': 'refused',
  } as const;
  const kind = kinds[error.code as keyof typeof kinds];
  if (!kind) return undefined;
  const { cause } = error.details;
  return { kind, cause: cause === 'user' || cause === 'infrastructure' ? cause : 'device' };
}
