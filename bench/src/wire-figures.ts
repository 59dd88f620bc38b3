import type { Figure } from './bench.js';

/** Bytes that went over a line, counted at its end. */
export interface WireCount {
  readonly plan: string;
  readonly planBytes: number;
  /** What the server says it takes, or less. */
  readonly bufferBytes: number;
  /** Host to board, and the answers. */
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly requests: number;
}

const bound = { op: '>=', value: 0.65 } as const;
/** Bits of a byte on the line: start, eight, stop. */
const bitsPerByte = 10;

/** Payload as a share of what is sent to the board. */
export const sentEfficiency = ({ planBytes, bytesOut }: WireCount): number => planBytes / bytesOut;
/** The same with the answers: the line carries one direction at a time, because every chunk waits for its answer. */
export const bothEfficiency = ({ planBytes, bytesOut, bytesIn }: WireCount): number => planBytes / (bytesOut + bytesIn);

/** Seconds of the line alone, at so many baud. */
export const lineSeconds = ({ bytesOut, bytesIn }: WireCount, baud: number): number =>
  ((bytesOut + bytesIn) * bitsPerByte) / baud;

/** The smallest buffer from which on the bound holds for every plan, answers counted; undefined where the largest misses it. */
export function holdsFrom(counts: readonly WireCount[]): number | undefined {
  const sizes = [...new Set(counts.map(({ bufferBytes }) => bufferBytes))].sort((a, b) => b - a);
  const good = (size: number): boolean =>
    counts.every((count) => count.bufferBytes !== size || bothEfficiency(count) >= bound.value);
  const firstBad = sizes.findIndex((size) => !good(size));
  return firstBad < 0 ? sizes.at(-1) : sizes[firstBad - 1];
}

/** Figures of uploads through several buffers; those of `shipped`, the firmware's own, have the bound. */
export function wireFigures(counts: readonly WireCount[], shipped: number, baud: number): readonly Figure[] {
  const own = counts.filter(({ bufferBytes }) => bufferBytes === shipped);
  const from = holdsFrom(counts);
  return [
    ...own.flatMap((count): Figure[] => [
      { what: `${count.plan}: plan / bytes sent`, value: sentEfficiency(count), unit: '', bound },
      { what: `${count.plan}: plan / bytes both ways`, value: bothEfficiency(count), unit: '', bound },
    ]),
    ...(from === undefined
      ? []
      : [
          {
            what: 'holds both ways from a buffer of',
            value: from,
            unit: 'B',
            bound: { op: '<=', value: shipped } as const,
          },
        ]),
    ...own.flatMap((count): Figure[] => [
      { what: `${count.plan}: plan`, value: count.planBytes, unit: 'B' },
      { what: `${count.plan}: line at ${baud} baud (computed)`, value: lineSeconds(count, baud), unit: 's' },
    ]),
    ...counts.flatMap((count): Figure[] => {
      const what = `${count.plan}, buffer ${count.bufferBytes} B: plan /`;
      const n = count.requests;
      return [
        { what: `${what} bytes sent`, value: sentEfficiency(count), unit: '', n },
        { what: `${what} bytes both ways`, value: bothEfficiency(count), unit: '', n },
      ];
    }),
  ];
}
