import type { LayerProfile, Mark, observationColumns } from '@hilltop/contracts';
import type { BlockRule } from '../protocol/stop-rule.js';
import type { WarmUpRule } from '../protocol/warm-up.js';

/**
 * What agent and measuring child say to each other. The task goes in as JSON on standard input; frames come
 * back on descriptor 3: `type u32 | length u32`, little-endian, then the payload. Rows are f64 columns as they
 * are measured; everything else is JSON. No schema: both ends are the same build, on one machine.
 */
export const frameType = { event: 1, warmUp: 2, latency: 3, items: 4 } as const;
export type FrameType = (typeof frameType)[keyof typeof frameType];
export const frameHeaderBytes = 8;
/** Descriptors of the child beside the usual three. */
export const resultFd = 3;
export const dataFd = 4;

export interface ChildTensor {
  readonly name: string;
  readonly type: string;
  readonly dims: ReadonlyArray<number | string>;
}

/** How the labelled data lies in the file at `dataFd`. */
export interface ChildData {
  readonly items: number;
  readonly inputs: ReadonlyArray<{
    readonly type: string;
    readonly elements: number;
    readonly scale: number;
    readonly offset: number;
    readonly at: number;
  }>;
  /** Byte offset of the int64 labels. */
  readonly labelsAt?: number;
}

export interface ChildTask {
  readonly kind: 'block' | 'evaluate' | 'profile' | 'probe';
  readonly parentPid: number;
  /** Folder of the control group that was made for this process. */
  readonly memoryGroup?: string;
  readonly modelPath: string;
  readonly threads: number;
  readonly graphLevel: 'disabled' | 'basic' | 'extended' | 'all';
  readonly inputs: readonly ChildTensor[];
  readonly outputs: readonly ChildTensor[];
  /** Items of one inference; absent: as the model has it. */
  readonly batch?: number;
  readonly warmUp: WarmUpRule;
  readonly rule: BlockRule;
  readonly data?: ChildData;
  /** Items to evaluate, from the first on. */
  readonly evaluationItems: number;
  /** Who executes; absent: the CPU. */
  readonly provider?: string;
  /** Providers to try, of `probe`. */
  readonly providers?: readonly string[];
  /** Most layers of a profile. */
  readonly profileLayers?: number;
  /** Test only: lines `start|end device run fence artifact nanoseconds` are appended there. */
  readonly groundTruth?: { readonly path: string; readonly what: string };
}

/** Differences of the kernel's counters over the measuring loop: columns of `evidence`; NaN is left out on the wire. */
export type EvidenceRow = Record<string, number>;

export type ChildEvent =
  | { readonly type: 'loaded'; readonly loadMs: number }
  | { readonly type: 'warm'; readonly firstInferenceMs: number }
  | {
      readonly type: 'measured';
      readonly process: {
        readonly loadMs: number;
        readonly firstInferenceMs: number;
        readonly measuredMs: number;
        readonly rssBaselineBytes: number;
        readonly peakLoadBytes: number;
        readonly peakBytes: number;
      };
      readonly evidence: EvidenceRow;
      readonly memory?: Partial<MemoryRow>;
      /** On the monotonic clock that all processes of this host share, ms. */
      readonly moments: ReadonlyArray<{ readonly mark: Mark; readonly atMs: number }>;
    }
  | { readonly type: 'idle'; readonly idle: boolean }
  | { readonly type: 'evaluated'; readonly items: number }
  | { readonly type: 'probed'; readonly providers: readonly string[] }
  | { readonly type: 'profiled'; readonly layers: readonly LayerProfile[] }
  | { readonly type: 'failed'; readonly code: string; readonly message: string; readonly cause: 'user' | 'device' };

/** Columns of `memory` in bytes. */
export type MemoryRow = Record<keyof (typeof observationColumns)['memory'], number>;

/** Takes bytes as they arrive and hands out whole frames. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly onFrame: (type: number, payload: Buffer) => void) {}

  push(bytes: Buffer): void {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    while (this.rest.length >= frameHeaderBytes) {
      const length = this.rest.readUInt32LE(4);
      if (this.rest.length < frameHeaderBytes + length) return;
      this.onFrame(this.rest.readUInt32LE(0), this.rest.subarray(frameHeaderBytes, frameHeaderBytes + length));
      this.rest = this.rest.subarray(frameHeaderBytes + length);
    }
  }
}

/** Payload of rows -> numbers. */
export function rowsOf(payload: Buffer): Float64Array {
  return Float64Array.from({ length: payload.length / 8 }, (_, i) => payload.readDoubleLE(i * 8));
}

/** Payload of `items`: u32 number of the first item, then per item `predicted i32 | correct u32`. */
export function itemsOf(payload: Buffer): { item: number[]; predicted: number[]; correct: number[] } {
  const first = payload.readUInt32LE(0);
  const count = (payload.length - 4) / 8;
  const at = (i: number): number => 4 + i * 8;
  return {
    item: Array.from({ length: count }, (_, i) => first + i),
    predicted: Array.from({ length: count }, (_, i) => payload.readInt32LE(at(i))),
    correct: Array.from({ length: count }, (_, i) => payload.readUInt32LE(at(i) + 4)),
  };
}
