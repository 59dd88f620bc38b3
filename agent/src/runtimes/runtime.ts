import type {
  BoardRule,
  LayerProfile,
  Protocol,
  RunSettings,
  Runtime,
  RuntimeName,
  TensorInfo,
} from '@hilltop/contracts';
import type { BoardSource } from '../boards/board-source.js';
import type { MemoryGroups } from '../preparation/memory-groups.js';
import type { BlockRule } from '../protocol/stop-rule.js';
import type { WarmUpRule } from '../protocol/warm-up.js';
import type { Moment } from '../sensors/recorder.js';
import type { ChildData, EvidenceRow, MemoryRow } from './child-wire.js';
import type { RuntimeSpec } from './runtime-spec.js';

/** The artifact to execute, and how. */
export interface Subject {
  readonly artifact: { readonly path: string; readonly sha256: string; readonly bytes: number };
  readonly settings: RunSettings;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Labelled data: a tensor pack file and where things lie in it. */
  readonly data?: { readonly path: string; readonly layout: ChildData };
  readonly timeoutMs: number;
  /** The protocol's rule for microcontrollers. */
  readonly board?: BoardRule;
  /** Test only: who executes, for the ground-truth log. */
  readonly groundTruth?: { readonly path: string; readonly what: string };
}

export interface BlockResult {
  readonly process: Record<
    'load_ms' | 'first_inference_ms' | 'measured_ms' | 'rss_baseline_bytes' | 'peak_load_bytes' | 'peak_bytes',
    number
  >;
  /** The kernel's counters over the measuring loop; a board has no kernel. */
  readonly evidence?: EvidenceRow;
  /** Beside the process's own peaks: its control group, swap, and what a GPU took of the system. */
  readonly memory?: Partial<MemoryRow>;
  /** What a board says of itself after the block. */
  readonly board?: Record<'hz' | 'arena_bytes' | 'plan_bytes' | 'stack_bytes' | 'ram_bytes', number>;
  /** When the loop, and the waits for idle power, began and ended. */
  readonly moments?: readonly Moment[];
  /** Of a board that times a loop as a whole. */
  readonly loop?: Record<'inferences' | 'loop_us', number>;
  /** Ticks by operator of the plan: once in a run, where the board tells. */
  readonly layers?: readonly LayerRow[];
}

export interface LayerRow {
  readonly layer: number;
  readonly op: number;
  readonly ticks: number;
  readonly macs: number;
}

export interface BlockListener {
  readonly onPhase?: (phase: 'loading' | 'warming-up' | 'measuring') => void;
  /** A wait for idle power begins or ends. */
  readonly onIdle?: (idle: boolean) => void;
  /** A plan on its way to a board. */
  readonly onSent?: (sentBytes: number, totalBytes: number) => void;
  readonly onWarmUp?: (latencyMs: Float64Array) => void;
  readonly onLatency?: (latencyMs: Float64Array) => void;
  /** What a board counted, inference by inference; `onLatency` has the same in ms, where it is time. */
  readonly onTicks?: (ticks: Float64Array) => void;
  /** How much of the block is done, 0..1, from who does not tell by latencies. */
  readonly onFraction?: (fraction: number) => void;
}

export interface Items {
  readonly item: readonly number[];
  readonly predicted: readonly number[];
  readonly correct: readonly number[];
  /** Items there will be in all, from a device that is too slow for every one: the beginning of `evaluationOrder`. */
  readonly planned?: number;
}

/**
 * How a variant is executed on a device. On a host each call is a fresh, capped process in a private directory that holds
 * the artifact alone; on a board it is a fresh load. Whatever the model does ends as a LabError with its cause, never as a
 * dead agent.
 */
export interface RuntimeDriver {
  readonly name: RuntimeName;
  /** Version and providers that load here; undefined when the runtime is not there. */
  readonly describe: () => Promise<{ readonly version: string; readonly providers: readonly string[] } | undefined>;
  /** Of several in one: the driver that settings choose, and what it said of itself. Throws `runtime.missing`. */
  readonly chosen?: (settings: RunSettings) => Promise<{ readonly driver: RuntimeDriver; readonly runtime?: Runtime }>;
  /** The protocol as this runtime carries it out; absent: as it is. */
  readonly adapt?: (protocol: Protocol) => Protocol;
  /** One block: load, first inference, warm-up, measuring loop. */
  readonly block: (
    subject: Subject,
    warmUp: WarmUpRule,
    rule: BlockRule,
    listener: BlockListener,
    signal: AbortSignal,
  ) => Promise<BlockResult>;
  /** Items `[0, items)` of the labelled data at batch 1; a board may choose some of them and says so in `planned`. */
  readonly evaluate: (
    subject: Subject,
    items: number,
    onItems: (items: Items) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Where the time of an inference goes, from a process of its own that measures nothing else; absent: the runtime does not tell. */
  readonly profile?: (subject: Subject, signal: AbortSignal) => Promise<readonly LayerProfile[]>;
  /** What the device printed beside its results, of one run. */
  readonly console?: { readonly begin: (runId: string) => void; readonly end: () => Uint8Array };
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
  /** Makes a control group for each child, where this agent may. */
  readonly groups?: Pick<MemoryGroups, 'create' | 'remove'>;
  /** Processors that children may run on, the kernel's list; absent: all. */
  readonly affinity?: string;
  /** A person's own program, of `external`. */
  readonly program?: Pick<RuntimeSpec, 'command'>;
  /** Device nodes of which one is there where there is a GPU; the usual ones but for tests. */
  readonly gpuNodes?: readonly string[];
  /** How trtexec is called, of `trtexec`; absent: it is looked for where NVIDIA installs it. */
  readonly trtexec?: readonly string[];
  /** So long building an engine may take, ms; half an hour, but for tests. */
  readonly trtexecBuildMs?: number;
  /** The board of a microcontroller's seat. */
  readonly board?: BoardSource;
  /** Entry of the child; the build's, but for tests that run from the sources. */
  readonly childScript?: string;
}
