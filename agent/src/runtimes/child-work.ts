/** What the measuring child does once it has its task: everything that needs the runtime. */
import { readFileSync } from 'node:fs';
import type { Mark } from '@hilltop/contracts';
import type { Tensor } from 'onnxruntime-node';
import { highestFrequencyKhz, parseStatus, readKernelCounters } from '../kernel-counters.js';
import { monotonicMs } from '../monotonic-ms.js';
import { inferencesPerStamp } from '../protocol/inferences-per-stamp.js';
import { WarmUp } from '../protocol/warm-up.js';
import { Failure } from './child-failure.js';
import { Model, readData, startRuntime } from './child-model.js';
import { flushMs, Ring, ringRows, send, writeAll } from './child-output.js';
import { type ChildTask, frameHeaderBytes, frameType } from './child-wire.js';
import { evidence, known } from './evidence-row.js';
import { groupBytes, ownGroup } from './process-memory.js';
import { predictedClass } from './tensors.js';
import { tryWrite } from './try-write.js';

/** Bytes of memory; where there is no /proc, what Node knows. */
function memory(name: 'VmRSS' | 'VmHWM' | 'VmSwap'): number {
  try {
    return parseStatus(readFileSync('/proc/self/status', 'utf8'), name) * 1024;
  } catch {
    if (name === 'VmSwap') return Number.NaN;
    return name === 'VmRSS' ? process.memoryUsage().rss : process.resourceUsage().maxRSS * 1024;
  }
}

/** Load, first inference, warm-up and the measured loop, with the kernel's counters around it. */
export async function measureBlock(task: ChildTask): Promise<void> {
  const ring = new Ring();
  await startRuntime();
  const rssBaselineBytes = memory('VmRSS');
  const group = ownGroup(task.memoryGroup, process.pid);
  const groupBaseline = groupBytes(group, 'memory.current');
  const resettable = tryWrite('/proc/self/clear_refs', '5');
  let t0 = performance.now();
  const model = await Model.load(task);
  const loadMs = performance.now() - t0;
  const peakLoadBytes = peak(resettable, rssBaselineBytes);
  send({ type: 'loaded', loadMs });
  t0 = performance.now();
  const outputs = await model.run();
  const firstInferenceMs = performance.now() - t0;
  model.check(outputs);
  send({ type: 'warm', firstInferenceMs });
  const moments = await idle(task.rule.idleBeforeMs);
  const latencyMs = await warmUp(task, model, ring);
  const before = readKernelCounters();
  moments.push({ mark: 'loop-start', atMs: monotonicMs() });
  const measuredMs = await measure(task, model, ring, inferencesPerStamp(latencyMs, clockMs()));
  moments.push({ mark: 'loop-end', atMs: monotonicMs() });
  const frequency = highestFrequencyKhz();
  const after = readKernelCounters();
  const peakBytes = peak(resettable, rssBaselineBytes);
  const memoryRow = {
    group_baseline_bytes: groupBaseline,
    group_peak_bytes: groupBytes(group, 'memory.peak'),
    swapped_bytes: memory('VmSwap'),
  };
  moments.push(...(await idle(task.rule.idleAfterMs)));
  send({
    type: 'measured',
    process: {
      loadMs,
      firstInferenceMs,
      measuredMs,
      rssBaselineBytes,
      peakLoadBytes,
      peakBytes,
    },
    evidence: evidence(before, after, measuredMs, frequency),
    memory: known(memoryRow),
    moments,
  });
}

interface Moment {
  readonly mark: Mark;
  readonly atMs: number;
}

/** Sleeps with the model loaded, for the device's idle power; no moments where none is wanted. */
async function idle(ms: number | undefined): Promise<Moment[]> {
  if (!ms) return [];
  send({ type: 'idle', idle: true });
  const start: Moment = { mark: 'idle-start', atMs: monotonicMs() };
  await new Promise((resolve) => setTimeout(resolve, ms));
  const end: Moment = { mark: 'idle-end', atMs: monotonicMs() };
  send({ type: 'idle', idle: false });
  return [start, end];
}

/** VmHWM since the reset; where it cannot be reset it may be older than the model, then the resident size is what is known. */
function peak(resettable: boolean, baseline: number): number {
  const highest = memory('VmHWM');
  return resettable || highest > baseline * 1.02 ? highest : memory('VmRSS');
}

/** Returns the last inference's time, ms. */
async function warmUp(task: ChildTask, model: Model, ring: Ring): Promise<number> {
  const rule = new WarmUp(task.warmUp);
  const start = performance.now();
  for (;;) {
    const t0 = performance.now();
    await model.run();
    const t1 = performance.now();
    ring.push(t1 - t0, t1, frameType.warmUp);
    if (rule.done(t1 - t0, t1 - start)) {
      ring.flush(frameType.warmUp, t1);
      return t1 - t0;
    }
  }
}

/**
 * The measuring loop: a stamp, the runtime's own call, a stamp, as a bare loop would do it. Where several
 * inferences share a stamp, a row is their mean and the rule counts rows.
 */
async function measure(task: ChildTask, model: Model, ring: Ring, perStamp: number): Promise<number> {
  const { session, feeds } = model;
  const { minMs, minInferences } = task.rule;
  const start = performance.now();
  let rows = 0;
  for (;;) {
    const t0 = performance.now();
    for (let i = 0; i < perStamp; i++) await session.run(feeds);
    const t1 = performance.now();
    rows++;
    ring.push((t1 - t0) / perStamp, t1, frameType.latency);
    if (t1 - start >= minMs && rows >= minInferences) {
      ring.flush(frameType.latency, t1);
      return t1 - start;
    }
  }
}

/** Cost of one reading of the clock, ms: the least of some rounds, for others on this core only add to it. */
function clockMs(): number {
  const readings = 500;
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 8; round++) {
    const t0 = performance.now();
    for (let i = 0; i < readings; i++) performance.now();
    least = Math.min(least, (performance.now() - t0) / readings);
  }
  return least;
}

/** Per item: predicted class, and whether it is the label's. */
export async function evaluate(task: ChildTask): Promise<void> {
  await startRuntime();
  const model = await Model.load(task);
  const { labelsAt } = task.data!;
  const frame = Buffer.alloc(frameHeaderBytes + 4 + ringRows * 8);
  let first = 0;
  let count = 0;
  let flushedAt = performance.now();
  let empty = 0;
  const flush = (next: number): void => {
    frame.writeUInt32LE(frameType.items, 0);
    frame.writeUInt32LE(4 + count * 8, 4);
    frame.writeUInt32LE(first, frameHeaderBytes);
    if (count > 0) writeAll(frame, frameHeaderBytes + 4 + count * 8);
    first = next;
    count = 0;
    flushedAt = performance.now();
  };
  for (let item = 0; item < task.evaluationItems; item++) {
    model.feedItem(item);
    const outputs = await model.run();
    const output = item === 0 ? model.check(outputs) : (outputs[task.outputs[0]!.name] as Tensor);
    const predicted = predictedClass(output.data as Float32Array, output.type);
    if (predicted < 0) empty++;
    const label =
      labelsAt === undefined ? -1 : Number(new DataView(readData(labelsAt + item * 8, 8).buffer).getBigInt64(0, true));
    const at = frameHeaderBytes + 4 + count * 8;
    frame.writeInt32LE(predicted, at);
    frame.writeUInt32LE(label >= 0 && predicted === label ? 1 : 0, at + 4);
    count++;
    if (count === ringRows || performance.now() - flushedAt >= flushMs) flush(item + 1);
  }
  if (empty === task.evaluationItems)
    throw new Failure('run.output-invalid', 'the model gives nothing but NaN for every item');
  flush(task.evaluationItems);
  send({ type: 'evaluated', items: task.evaluationItems });
}
