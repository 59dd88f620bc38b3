import type { TraceColumns } from '../../live/trace-buffer.js';

export interface OverlayPicture {
  /** Where the plot begins, in pixels. */
  readonly left: number;
  /** Ends of the axis, ms. */
  readonly low: number;
  readonly high: number;
  readonly seconds: number;
  /** One a trace: a path of SVG, broken where there is a hole. */
  readonly paths: readonly string[];
}

/** Medians of several traces on one logarithmic axis of ms and one of seconds. Undefined when none has a value. */
export function overlay(
  traces: readonly Pick<TraceColumns, 't' | 'mid'>[],
  { width, height }: { readonly width: number; readonly height: number },
): OverlayPicture | undefined {
  const values = traces.flatMap(({ mid }) => mid.filter((value): value is number => value !== null && value > 0));
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[0]! * 0.95, sorted.at(-1)! * 1.05];
  const seconds = Math.max(...traces.flatMap(({ t }) => t.at(-1) ?? 0), 1e-3);
  const left = 62;
  const x = (second: number): number => left + (second / seconds) * (width - left - 4);
  const y = (ms: number): number => 4 + (1 - Math.log(ms / low) / Math.log(high / low)) * (height - 28);
  return {
    left,
    low,
    high,
    seconds,
    paths: traces.map(({ t, mid }) => {
      let isDown = false;
      return mid
        .map((value, i) => {
          const command =
            value === null || value <= 0 ? '' : `${isDown ? 'L' : 'M'}${x(t[i]!).toFixed(1)} ${y(value).toFixed(1)}`;
          isDown = command !== '';
          return command;
        })
        .join('');
    }),
  };
}
