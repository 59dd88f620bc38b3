import type { RunSettings, RuntimeName, TensorInfo } from '@hilltop/contracts';
import type { BlockRule } from '../protocol/stop-rule.js';
import type { WarmUpRule } from '../protocol/warm-up.js';
import type { ChildData, EvidenceRow } from './child-wire.js';

/** The artifact to execute, and how. */
export interface Subject {
  readonly artifact: { readonly path: string; readonly sha256: string; readonly bytes: number };
  readonly settings: RunSettings;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Labelled data: a tensor pack file and where things lie in it. */
  readonly data?: { readonly path: string; readonly layout: ChildData };
  readonly timeoutMs: number;
  /** Test only: who executes, for the ground-truth log. */
  readonly groundTruth?: { readonly path: string; readonly what: string };
}

export interface BlockResult {
  readonly process: Record<
    'load_ms' | 'first_inference_ms' | 'measured_ms' | 'rss_baseline_bytes' | 'peak_load_bytes' | 'peak_bytes',
    number
  >;
  readonly evidence: EvidenceRow;
}

export interface BlockListener {
  readonly onPhase?: (phase: 'loading' | 'warming-up' | 'measuring') => void;
  readonly onWarmUp?: (latencyMs: Float64Array) => void;
  readonly onLatency?: (latencyMs: Float64Array) => void;
}

export interface Items {
  readonly item: readonly number[];
  readonly predicted: readonly number[];
  readonly correct: readonly number[];
}

/**
 * How a variant is executed on a device. Each call is a fresh, capped process in a private directory that holds
 * the artifact alone; whatever the model does ends as a LabError with its cause, never as a dead agent.
 */
export interface RuntimeDriver {
  readonly name: RuntimeName;
  /** Version and providers that load here; undefined when the runtime is not there. */
  readonly describe: () => Promise<{ readonly version: string; readonly providers: readonly string[] } | undefined>;
  /** One block: load, first inference, warm-up, measuring loop. */
  readonly block: (
    subject: Subject,
    warmUp: WarmUpRule,
    rule: BlockRule,
    listener: BlockListener,
    signal: AbortSignal,
  ) => Promise<BlockResult>;
  /** Items `[0, items)` of the labelled data at batch 1. */
  readonly evaluate: (
    subject: Subject,
    items: number,
    onItems: (items: Items) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  /** How children are capped here. */
  readonly caps: () => 'prlimit' | 'none';
  /** Memory cap a subject would get now, bytes; undefined without caps. */
  readonly memoryLimitBytes: (artifactBytes: number) => number | undefined;
}

/** What drivers need of the agent. */
export interface RuntimeContext {
  /** Where private directories are made; on the cache's file system, so that artifacts are hard-linked. */
  readonly workDir: string;
  /** Called with the process group of a child as it starts and ends, so that a successor can clean up. */
  readonly onChild?: (pid: number | undefined) => void;
  /** Entry of the child; the build's, but for tests that run from the sources. */
  readonly childScript?: string;
}
