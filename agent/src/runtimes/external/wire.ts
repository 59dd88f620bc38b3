import type { TensorInfo } from '@hilltop/contracts';
import * as z from 'zod';

/**
 * What the agent and a person's own program say to each other: docs/external-runtime.md. The agent asks, a JSON object a line on the
 * program's standard input; the program answers each with one line on its standard output and says nothing else there.
 */
export const externalProtocol = 1;
/** Longest line of an answer, bytes: `batchLimit` times with their commas, and room. */
export const lineLimit = 1 << 20;
/** Most inferences of one question. */
export const batchLimit = 10_000;

/** A tensor and the file, in the private directory, that its bytes are in: little-endian, in the order of C, nothing before or after. */
export interface FileTensor extends TensorInfo {
  readonly file: string;
}

export type Question =
  | { readonly do: 'hello'; readonly protocol: number }
  | {
      readonly do: 'load';
      readonly model: string;
      readonly threads: number;
      readonly provider?: string;
      readonly inputs: readonly FileTensor[];
      readonly outputs: readonly FileTensor[];
    }
  | { readonly do: 'warmup' | 'infer'; readonly inferences: number; readonly readInputs: boolean }
  | { readonly do: 'output' };

const Ns = z.number().min(0).max(1e15);
const times = <D extends 'warmup' | 'infer'>(done: D) =>
  z.object({ done: z.literal(done), ns: z.array(Ns).min(1).max(batchLimit) });

/** Answers, by the question; more fields than these are passed over. */
export const answers = {
  hello: z.object({
    done: z.literal('hello'),
    protocol: z.literal(externalProtocol),
    version: z.string().min(1).max(64),
    providers: z.array(z.string().min(1).max(40)).min(1).max(16).default(['cpu']),
    /** The process that executes, where the command only starts it. */
    pid: z.number().int().min(2).optional(),
  }),
  load: z.object({ done: z.literal('load'), ns: Ns.optional() }),
  warmup: times('warmup'),
  infer: times('infer'),
  output: z.object({ done: z.literal('output') }),
} as const satisfies Record<Question['do'], z.ZodType>;
export type Answer<D extends Question['do']> = z.output<(typeof answers)[D]>;

/** In place of an answer: it cannot be done, and nothing more is asked. */
export const Refusal = z.object({
  error: z.object({
    code: z.enum(['model-rejected', 'out-of-memory', 'failed']),
    message: z.string().max(2000),
  }),
});
