import * as z from 'zod';

export const protocolNames = ['quick', 'standard', 'strict'] as const;
export const ProtocolName = z.enum(protocolNames);
export type ProtocolName = z.infer<typeof ProtocolName>;

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
    blocks: 3,
    blockMinMs: 400,
    blockMinInferences: 30,
    warmUpMinMs: 150,
    warmUpMaxMs: 3_000,
    blockTimeoutMs: 60_000,
  },
  standard: {
    ...base,
    name: 'standard',
    blocks: 5,
    blockMinMs: 2_000,
    blockMinInferences: 100,
    warmUpMinMs: 1_000,
    warmUpMaxMs: 10_000,
    blockTimeoutMs: 120_000,
  },
  strict: {
    ...base,
    name: 'strict',
    blocks: 5,
    blockMinMs: 12_000,
    blockMinInferences: 140,
    warmUpMinMs: 1_000,
    warmUpMaxMs: 10_000,
    blockTimeoutMs: 600_000,
    earlyStopping: { percentile: 0.9, confidence: 0.99 },
  },
} as const satisfies Record<ProtocolName, Protocol>;

/** The protocol by name; `official` stretches `strict` to LoadGen's 600 s. */
export function protocolOf(name: ProtocolName, official = false): Protocol {
  const protocol: Protocol = protocols[name];
  return official && name === 'strict' ? { ...protocol, blockMinMs: 120_000, blockTimeoutMs: 1_200_000 } : protocol;
}

export const graphLevels = ['disabled', 'basic', 'extended', 'all'] as const;
export const GraphLevel = z.enum(graphLevels);
export type GraphLevel = z.infer<typeof GraphLevel>;

/** How a variant is executed; another setting is another point on the frontier. */
export const RunSettings = z.strictObject({
  threads: z.number().int().min(1).max(256).default(1),
  graphLevel: GraphLevel.default('all'),
});
export type RunSettings = z.infer<typeof RunSettings>;

/** Stable text of settings: part of a point's key. */
export function settingsKey(settings: RunSettings): string {
  return `threads=${settings.threads},graph=${settings.graphLevel}`;
}
