import { aa } from './aa.js';
import type { Bench } from './bench.js';
import { calibrateSpeed } from './calibrate-speed.js';
import { compressMemory } from './compress-memory.js';
import { delta } from './delta.js';
import { detector } from './detector.js';
import { disturbed } from './disturbed.js';
import { emitPaint } from './emit-paint.js';
import { emulatorSpeed } from './emulator-speed.js';
import { fleet } from './fleet.js';
import { gate } from './gate.js';
import { ingest } from './ingest.js';
import { kernels } from './kernels.js';
import { latency } from './latency.js';
import { livePaint } from './live-paint.js';
import { measuringCost } from './measuring-cost.js';
import { openLab } from './open-lab.js';
import { recipes } from './recipes.js';
import { recordSearch } from './record-search.js';
import { search } from './search.js';
import { slider } from './slider.js';
import { slowClient } from './slow-client.js';
import { submit } from './submit.js';
import { liveTraces } from './traces.js';
import { transfer } from './transfer.js';
import { wire } from './wire.js';

/** Every bench by its letter. */
export const benches: Readonly<Record<string, Bench>> = {
  a: latency,
  b: aa,
  c: submit,
  d: livePaint,
  e: ingest,
  f: transfer,
  g: fleet,
  h: compressMemory,
  i: calibrateSpeed,
  j: delta,
  k: recipes,
  l: kernels,
  m: wire,
  n: emulatorSpeed,
  o: detector,
  p: disturbed,
  q: measuringCost,
  r: gate,
  s: recordSearch,
  t: search,
  u: emitPaint,
  v: slowClient,
  w: openLab,
  x: slider,
  y: liveTraces,
};
