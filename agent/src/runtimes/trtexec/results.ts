import type { LayerProfile } from '@hilltop/contracts';
import * as z from 'zod';
import { WarmUp, type WarmUpRule } from '../../protocol/warm-up.js';

/** One inference of `--exportTimes`, ms since trtexec began: TensorRT 7 says `in` and `out` where 8 and later say `h2d` and `d2h`. */
const Times = z.array(
  z.object({
    startEnqMs: z.number().optional(),
    endEnqMs: z.number().optional(),
    startH2dMs: z.number().optional(),
    startInMs: z.number().optional(),
    endD2hMs: z.number().optional(),
    endOutMs: z.number().optional(),
    h2dMs: z.number().min(0).optional(),
    inMs: z.number().min(0).optional(),
    computeMs: z.number().min(0),
    d2hMs: z.number().min(0).optional(),
    outMs: z.number().min(0).optional(),
    latencyMs: z.number().min(0),
  }),
);

export interface InferenceTime {
  /** Input to the device, computing, output from it: what trtexec calls host latency. */
  readonly latencyMs: number;
  readonly computeMs: number;
  readonly h2dMs?: number;
  readonly d2hMs?: number;
  /** What the host spends to hand an inference over; it overlaps the one before. */
  readonly enqueueMs?: number;
  /** When it began and was over, on trtexec's clock. */
  readonly startMs?: number;
  readonly endMs?: number;
}

/** The file of `--exportTimes`; undefined where it is none. */
export function parseTimes(text: string): InferenceTime[] | undefined {
  const parsed = Times.safeParse(json(text));
  return parsed.data?.map((row) => {
    const h2dMs = row.h2dMs ?? row.inMs;
    const d2hMs = row.d2hMs ?? row.outMs;
    const startMs = row.startH2dMs ?? row.startInMs;
    const endMs = row.endD2hMs ?? row.endOutMs;
    return {
      latencyMs: row.latencyMs,
      computeMs: row.computeMs,
      ...(h2dMs !== undefined && { h2dMs }),
      ...(d2hMs !== undefined && { d2hMs }),
      ...(row.startEnqMs !== undefined && row.endEnqMs !== undefined && { enqueueMs: row.endEnqMs - row.startEnqMs }),
      ...(startMs !== undefined && { startMs }),
      ...(endMs !== undefined && { endMs }),
    };
  });
}

export interface SplitTimes {
  readonly warmUp: Float64Array;
  readonly latency: Float64Array;
  /** From the start of the first to the end of the last measured inference. */
  readonly measuredMs: number;
}

/**
 * What of a series was warm-up by the protocol's rule. The series cannot be made longer afterwards: the warm-up ends at the latest
 * where the rest still has the wanted time and number.
 */
export function splitWarmUp(
  times: readonly InferenceTime[],
  warmUp: WarmUpRule,
  rule: { readonly minMs: number; readonly minInferences: number },
): SplitTimes {
  const spans = elapsed(times);
  const total = spans.at(-1) ?? 0;
  const watch = new WarmUp({ ...warmUp, maxMs: Math.min(warmUp.maxMs, Math.max(0, total - rule.minMs)) });
  const most = Math.max(0, times.length - rule.minInferences);
  let warm = 0;
  while (warm < most) {
    const over = watch.done(times[warm]!.latencyMs, spans[warm]!);
    warm++;
    if (over) break;
  }
  const latencies = Float64Array.from(times, ({ latencyMs }) => latencyMs);
  return {
    warmUp: latencies.slice(0, warm),
    latency: latencies.slice(warm),
    measuredMs: total - (warm > 0 ? spans[warm - 1]! : 0),
  };
}

/** When each inference was over, ms since the first began; without stamps, as if one began where the other ended. */
function elapsed(times: readonly InferenceTime[]): number[] {
  const start = times[0]?.startMs;
  if (start !== undefined && times.every(({ endMs }) => endMs !== undefined))
    return times.map(({ endMs }) => endMs! - start);
  let sum = 0;
  return times.map(({ latencyMs }) => {
    sum += latencyMs;
    return sum;
  });
}

/** An infinite value is JSON here, and no finite number: `1e999`. */
const Value = z.custom<number | null>((v) => v === null || typeof v === 'number');
const Outputs = z.array(z.object({ name: z.string(), dimensions: z.string(), values: z.array(Value) }));

/**
 * The file of `--exportOutput`: values by the name of the output. It is JSON but for `nan` and `inf`, as C++ prints them; undefined
 * where it is none.
 */
export function parseOutputs(text: string): Map<string, Float64Array> | undefined {
  const mended = text.replace(
    /("values"\s*:\s*\[)([^\]]*)/g,
    (_, head: string, values: string) =>
      head + values.replace(/-?nan(\([^)]*\))?/gi, 'null').replace(/inf(inity)?/gi, '1e999'),
  );
  const parsed = Outputs.safeParse(json(mended));
  return (
    parsed.data &&
    new Map(parsed.data.map(({ name, values }) => [name, Float64Array.from(values, (v) => v ?? Number.NaN)]))
  );
}

const Profile = z.tuple(
  [z.object({ count: z.number().int().min(1) })],
  z.object({ name: z.string(), averageMs: z.number().min(0) }),
);

/** The file of `--exportProfile`: layers of the engine, the longest `limit` of them; none where it is no such file. */
export function parseProfile(text: string, limit: number): LayerProfile[] {
  const parsed = Profile.safeParse(json(text));
  if (!parsed.success) return [];
  const [{ count }, ...layers] = parsed.data;
  const longest = new Set([...layers].sort((a, b) => b.averageMs - a.averageMs).slice(0, limit));
  return layers
    .filter((layer) => longest.has(layer))
    .map(({ name, averageMs }) => ({
      name: name.slice(0, 200),
      op: 'layer',
      provider: 'tensorrt',
      meanMs: averageMs,
      inferences: count,
    }));
}

/** How long loading an engine took by trtexec's own words, ms: `Engine deserialized in 0.0326257 sec.` */
export function parseLoadMs(output: string): number | undefined {
  const seconds = /Engine (?:deserialized|loaded) in ([\d.eE+-]+) sec/.exec(output)?.[1];
  return seconds === undefined || !Number.isFinite(Number(seconds)) ? undefined : Number(seconds) * 1000;
}

/** The first error trtexec prints, without its time stamp. */
export function parseError(output: string): string | undefined {
  return /^\[[^\]]*\] \[E\] (.+)$/m.exec(output)?.[1]?.slice(0, 500);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
