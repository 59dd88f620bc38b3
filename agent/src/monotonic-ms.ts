/** `CLOCK_MONOTONIC`, which every process and meter of this host shares, ms. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
