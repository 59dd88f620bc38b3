import * as z from 'zod';

export const protocolNames = ['quick', 'standard', 'strict'] as const;
export const ProtocolName = z.enum(protocolNames);
export type ProtocolName = z.infer<typeof ProtocolName>;

/**
 * The same rules where a microcontroller carries them out. It counts for itself with interrupts masked, so a loop is as
 * good as it is long; an emulator, whose count is the same each time and whose second may take a minute, is held to a number
 * of inferences instead.
 */
export const BoardRule = z.object({
  /** A loop on a real board ends when both are reached; device time. MLPerf Tiny asks 10 s of each of five. */
  loopMinMs: z.number().min(0),
  loopMinInferences: z.number().int().min(1),
  /** Inferences before each loop, untimed. */
  warmUpInferences: z.number().int().min(0).max(1000),
  /** A loop on an emulator: so many inferences, or as many (at least one) as this time allows. */
  emulatedInferences: z.number().int().min(1),
  emulatedMaxMs: z.number().min(0),
  /** The evaluation takes as many items as fit into this time, all or at least 64. */
  evaluationMaxMs: z.number().min(0),
});
export type BoardRule = z.infer<typeof BoardRule>;

/** Measuring rules. Everything a run does about time is here, resolved, and stored with it. */
export const Protocol = z.object({
  name: ProtocolName,
  /** LoadGen's SingleStream: the next inference starts when the one before has ended. */
  scenario: z.literal('single-stream'),
  /** Blocks; each is a fresh process, because processes differ more than iterations do. */
  blocks: z.number().int().min(1).max(50),
  /** A block ends when both are reached. */
  blockMinMs: z.number().min(0),
  blockMinInferences: z.number().int().min(1),
  /** Warm-up ends when all are reached and two windows of 10 inferences have medians within 2 %. */
  warmUpMinMs: z.number().min(0),
  warmUpMinInferences: z.number().int().min(1),
  warmUpMaxMs: z.number().min(0),
  /** Strict: LoadGen early stopping must hold at this percentile before the run may end. */
  earlyStopping: z.object({ percentile: z.number(), confidence: z.number() }).optional(),
  /** Items of the evaluation set; absent: all of them. */
  evaluationItems: z.number().int().min(1).optional(),
  /** Wall-clock limit of one block's process; the watchdog kills after it. */
  blockTimeoutMs: z.number().int().min(1000),
  /** For microcontrollers; absent in what older labs send. */
  board: BoardRule.optional(),
  /** Idle power is taken for so long before and after the blocks, model loaded, where the device has a power sensor. */
  idleMs: z.number().min(0).optional(),
  /** A disturbed run is repeated at most so often. */
  repeats: z.number().int().min(0).max(3).optional(),
});
export type Protocol = z.infer<typeof Protocol>;

const base = { scenario: 'single-stream', warmUpMinInferences: 10 } as const;

/**
 * `quick` for development (interval from 3 processes), `standard` for decisions, `strict` for publication:
 * 60 s in all (LoadGen asks 600 s for an official result: `official`).
 */
export const protocols = {
  quick: {
    ...base,
    name: 'quick',
    idleMs: 1_000,
    repeats: 0,
    blocks: 3,
    blockMinMs: 400,
    blockMinInferences: 30,
    warmUpMinMs: 150,
    warmUpMaxMs: 3_000,
    blockTimeoutMs: 60_000,
    board: {
      loopMinMs: 400,
      loopMinInferences: 3,
      warmUpInferences: 1,
      emulatedInferences: 3,
      emulatedMaxMs: 10_000,
      evaluationMaxMs: 30_000,
    },
  },
  standard: {
    ...base,
    name: 'standard',
    idleMs: 10_000,
    repeats: 2,
    blocks: 5,
    blockMinMs: 2_000,
    blockMinInferences: 100,
    warmUpMinMs: 1_000,
    warmUpMaxMs: 10_000,
    blockTimeoutMs: 120_000,
    board: {
      loopMinMs: 2_000,
      loopMinInferences: 10,
      warmUpInferences: 2,
      emulatedInferences: 5,
      emulatedMaxMs: 30_000,
      evaluationMaxMs: 120_000,
    },
  },
  strict: {
    ...base,
    name: 'strict',
    idleMs: 30_000,
    repeats: 3,
    blocks: 5,
    blockMinMs: 12_000,
    blockMinInferences: 140,
    warmUpMinMs: 1_000,
    warmUpMaxMs: 10_000,
    blockTimeoutMs: 600_000,
    earlyStopping: { percentile: 0.9, confidence: 0.99 },
    board: {
      loopMinMs: 10_000,
      loopMinInferences: 10,
      warmUpInferences: 10,
      emulatedInferences: 10,
      emulatedMaxMs: 120_000,
      evaluationMaxMs: 600_000,
    },
  },
} as const satisfies Record<ProtocolName, Protocol>;

/** The protocol by name; `official` stretches `strict` to LoadGen's 600 s; `evaluationItems` keeps to the first so many items; `repeats` stands in for its own. */
export function protocolOf(
  name: ProtocolName,
  {
    official = false,
    evaluationItems,
    repeats,
  }: { official?: boolean; evaluationItems?: number | undefined; repeats?: number | undefined } = {},
): Protocol {
  return {
    ...protocols[name],
    ...(official && name === 'strict' && { blockMinMs: 120_000, blockTimeoutMs: 1_200_000 }),
    ...(evaluationItems !== undefined && { evaluationItems }),
    ...(repeats !== undefined && { repeats }),
  };
}

export const graphLevels = ['disabled', 'basic', 'extended', 'all'] as const;
export const GraphLevel = z.enum(graphLevels);
export type GraphLevel = z.infer<typeof GraphLevel>;

/** What a job chooses a runtime by: `onnxruntime`, `trtexec`, or what a device's agent calls a program of its own, e.g. `tflite`. */
export const RuntimeId = z.string().regex(/^[a-z][a-z0-9._-]{0,39}$/, 'must be a name such as onnxruntime or tflite');

/** Arithmetic that a runtime which chooses it for itself may use. */
export const precisions = ['fp32', 'fp16', 'int8'] as const;

/** What a device calls a mode of its clocks: a frequency governor, e.g. `performance`, or a Jetson's power mode, e.g. `MAXN`. */
export const PowerMode = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, 'must be a name such as performance or MAXN');

/** How a variant is executed; another setting is another point on the frontier. */
export const RunSettings = z.strictObject({
  threads: z.number().int().min(1).max(256).default(1),
  graphLevel: GraphLevel.default('all'),
  /** Absent: the device's first. */
  runtime: RuntimeId.optional(),
  /** Who executes inside the runtime: `cpu`, `cuda`, `tensorrt` ... Absent: the runtime's first. */
  provider: z.string().min(1).max(40).optional(),
  /** TensorRT only; absent: fp32. `int8` is for models that carry their own scales. */
  precision: z.enum(precisions).optional(),
  /** Items of one inference. Absent or 1: as the model has it. */
  batch: z.number().int().min(1).max(1024).optional(),
  /** Set for the length of the run; absent: as the device is. */
  powerMode: PowerMode.optional(),
});
export type RunSettings = z.infer<typeof RunSettings>;

/** Settings that a person chose, in words: `2 threads`, `graph basic`, `batch 8`, `tflite`. */
export function settingsWords(settings: RunSettings): string[] {
  const { threads, graphLevel, runtime, provider, precision, powerMode } = settings;
  const batch = batchOf(settings);
  return [
    ...(threads > 1 ? [`${threads} threads`] : []),
    ...(graphLevel === 'all' ? [] : [`graph ${graphLevel}`]),
    ...(batch === undefined ? [] : [`batch ${batch}`]),
    ...[runtime, provider, precision, powerMode].filter((each) => each !== undefined),
  ];
}

/** Items of one inference where they are not the model's own. */
export const batchOf = ({ batch }: Pick<RunSettings, 'batch'>): number | undefined =>
  batch === undefined || batch === 1 ? undefined : batch;

/** Stable text of settings: part of a point's key. */
export function settingsKey(settings: RunSettings): string {
  const { threads, graphLevel, runtime, provider, precision, powerMode } = settings;
  const batch = batchOf(settings);
  return [
    `threads=${threads}`,
    `graph=${graphLevel}`,
    // What a host does without being asked is no other point.
    ...(runtime === undefined || runtime === 'onnxruntime' ? [] : [`runtime=${runtime}`]),
    ...(provider === undefined || provider === 'cpu' ? [] : [`provider=${provider}`]),
    ...(precision === undefined || precision === 'fp32' ? [] : [`precision=${precision}`]),
    ...(batch === undefined ? [] : [`batch=${batch}`]),
    ...(powerMode === undefined ? [] : [`power-mode=${powerMode}`]),
  ].join(',');
}
