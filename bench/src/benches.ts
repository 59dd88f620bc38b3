import { aa } from './aa.js';
import type { Bench } from './bench.js';
import { fleet } from './fleet.js';
import { ingest } from './ingest.js';
import { latency } from './latency.js';
import { livePaint } from './live-paint.js';
import { submit } from './submit.js';
import { transfer } from './transfer.js';

/** Every bench by its letter. */
export const benches: Readonly<Record<string, Bench>> = {
  a: latency,
  b: aa,
  c: submit,
  d: livePaint,
  e: ingest,
  f: transfer,
  g: fleet,
};
