import * as z from 'zod';

/**
 * User group 64 `model` of the Simple Management Protocol: what our firmware understands beside the OS and stat groups.
 * Payloads are CBOR maps with text keys; sizes are bytes, `ticks` are of the board's own counter at `hz`.
 */
export const modelGroup = 64;

export const modelCommands = {
  info: 0,
  upload: 1,
  load: 2,
  input: 3,
  infer: 4,
  output: 5,
  layers: 6,
  erase: 7,
} as const;
export type ModelCommand = keyof typeof modelCommands;

/** `rc` of the group's own errors; the transport's errors have the same numbers. */
export const modelErrors = {
  noMemory: 2,
  invalid: 3,
  /** No plan is there. */
  noEntry: 5,
  /** A plan is there, but not loaded. */
  badState: 6,
  corrupt: 9,
  busy: 10,
} as const;

/** Most inferences of one request: its ticks must fit into one answer of a small buffer. */
export const inferencesPerRequest = 64;

const bytes = z.custom<Uint8Array>((v) => v instanceof Uint8Array, 'must be bytes');
const sha256 = z.custom<Uint8Array>((v) => v instanceof Uint8Array && v.length === 32, 'must be 32 bytes');
const uint32 = z.number().int().min(0).max(0xffff_ffff);
const text = z.string().max(64);

/**
 * `dwt` and `systick` count cycles; `instructions` is what an emulator with a fixed rate counts; `clock` are nanoseconds of an
 * operating system's clock (the firmware's host build).
 */
export const ticksKinds = ['dwt', 'systick', 'instructions', 'clock'] as const;
export const TicksKind = z.enum(ticksKinds);
export type TicksKind = z.infer<typeof TicksKind>;

/** Requests, as the bridge sends them. */
export interface ModelRequests {
  readonly info: Record<string, never>;
  /** `len` and `sha` at offset 0 only. */
  readonly upload: {
    readonly off: number;
    readonly data: Uint8Array;
    readonly len?: number;
    readonly sha?: Uint8Array;
  };
  readonly load: { readonly sha: Uint8Array };
  readonly input: { readonly off: number; readonly data: Uint8Array };
  /** `warm` untimed inferences, then `n` timed ones; `data` is the whole input 0, `out` asks for output 0. */
  readonly infer: {
    readonly n: number;
    readonly warm: number;
    readonly data?: Uint8Array;
    readonly out?: boolean;
    readonly layers?: boolean;
  };
  readonly output: { readonly off: number };
  readonly layers: { readonly i: number };
  readonly erase: Record<string, never>;
}

/** Answers, checked as they come in; unknown fields are left out, so that a newer firmware may say more. */
export const modelAnswers = {
  info: z.object({
    v: z.literal(1),
    board: text,
    fw: text,
    cpu: text,
    hz: uint32.min(1),
    ticks: TicksKind,
    /** For plan and arena together; beyond 256 MiB it is no microcontroller, and not believed. */
    ram: uint32.max(2 ** 28),
    /** Reassembly buffer: the largest SMP message is 4 less. */
    buf: uint32.min(64),
    /** High-water mark of the stack. */
    stack: uint32,
    /** SHA-256 of the loaded plan. */
    plan: sha256.optional(),
    /** Differs from one start of the firmware to the next. */
    boot: uint32.optional(),
  }),
  /** `off` is where to go on; `match` says whether the whole has the stated SHA-256. */
  upload: z.object({ off: uint32, match: z.boolean().optional() }),
  load: z.object({ arena: uint32, plan: uint32, ops: uint32.min(1), in: uint32.min(1), out: uint32.min(1) }),
  input: z.object({ off: uint32 }),
  /** `t`: n values of uint32, little-endian. */
  infer: z.object({ n: z.number().int().min(1).max(inferencesPerRequest), t: bytes, out: bytes.optional() }),
  output: z.object({ off: uint32, len: uint32, data: bytes }),
  /** Layer `i` of `n`; `op` is the kind of the plan's operation. */
  layers: z.object({ i: uint32, n: uint32, op: uint32, ticks: uint32, macs: uint32 }),
  erase: z.object({}),
} as const satisfies Record<ModelCommand, z.ZodType>;
export type ModelAnswers = { readonly [C in ModelCommand]: z.infer<(typeof modelAnswers)[C]> };
