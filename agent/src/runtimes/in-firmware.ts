import { readFile, stat } from 'node:fs/promises';
import {
  type FirmwareModel,
  firmwareDifferences,
  firmwareInputBytes,
  isLabError,
  LabError,
  readFirmwareModel,
} from '@hilltop/contracts';
import { inferencesForLoop, type TinyDevice, type TinyInference } from '@hilltop/firmware-bridge';
import type { BlockRule } from '../protocol/stop-rule.js';
import { within } from './board-failure.js';
import { evaluateItems, readItem } from './board-items.js';
import { runFailure } from './outcome.js';
import type { BlockListener, BlockResult, Items, Subject } from './runtime.js';
import { elementCount, fillRandom } from './tensors.js';

/** A model inside a benchmark's firmware, and what is fed to it. */
export interface InFirmware {
  readonly firmware: FirmwareModel;
  /** Bytes of a labelled item, or made-up ones where there is no data; and its class, where there is one. */
  readonly itemOf: (item: number) => Promise<{ readonly bytes: Uint8Array; readonly label: number | undefined }>;
  /** Loops so far: as the benchmark has it, each has another input. */
  loops: number;
  /** Of one inference, found out before the first loop. */
  microseconds: number | undefined;
}

/** What a firmware says of itself fits into so many bytes; a plan may be megabytes. */
const smallBytes = 4096;

/** The subject as a model inside a firmware; undefined for a plan. Throws `artifact.corrupt`. */
export async function inFirmwareOf(subject: Subject): Promise<InFirmware | undefined> {
  const { path } = subject.artifact;
  const firmware = (await stat(path)).size > smallBytes ? undefined : readFirmwareModel(await readFile(path));
  return firmware && { firmware, itemOf: itemsOf(subject, firmware), loops: 0, microseconds: undefined };
}

function itemsOf({ inputs, data }: Subject, { input }: FirmwareModel): InFirmware['itemOf'] {
  const dims = inputs[0]!.dims.map(Number);
  const values = new Float64Array(elementCount(dims));
  if (!data) {
    fillRandom(values, 'float64', 1);
    const bytes = Uint8Array.from(values, (value) => (value + 1) * 128);
    return async () => ({ bytes, label: undefined });
  }
  const [stored, ...more] = data.layout.inputs;
  // As they are stored: whether scale and offset mean anything to it depends on what the firmware wants.
  const raw = { ...data, layout: { ...data.layout, inputs: [{ ...stored!, scale: 1, offset: 0 }, ...more] } };
  return async (item) => {
    const label = await readItem(raw, item, values);
    return { label, bytes: firmwareInputBytes(input, values, stored!, dims) };
  };
}

/** Asks the device what it is. Throws `plan.unsupported`: measured under the name of another it would be a lie. */
async function requireSame(device: TinyDevice, { firmware }: InFirmware, signal: AbortSignal): Promise<void> {
  const name = await device.name({ signal });
  const differences = firmwareDifferences(firmware, { name, ...(await device.profile({ signal })) });
  if (differences.length > 0)
    throw runFailure(
      'plan.unsupported',
      'user',
      `the device is not the one whose firmware has this variant: ${differences.join(', ')}; flash that firmware, or push a variant of this one`,
    );
}

async function load(device: TinyDevice, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  try {
    await device.loadInput(bytes, { signal });
  } catch (error) {
    if (!isLabError(error, 'device.refused')) throw error;
    throw runFailure(
      'variant.interface-mismatch',
      'user',
      `the firmware does not take an input of ${bytes.length} bytes, as the model has: ${error.message}`,
    );
  }
}

export interface FirmwareLoop {
  readonly device: TinyDevice;
  readonly inside: InFirmware;
  /** Items of the labelled data; 0 without any. */
  readonly items: number;
  readonly warmUps: number;
  readonly rule: BlockRule;
  /** Wall-clock limit of the whole block. */
  readonly timeoutMs: number;
}

/** A pilot is long enough from here on: a clock that counts milliseconds has then seen ten. */
const pilotUs = 10_000;
const mostPilots = 1000;
/** A loop that came out too short is longer the next time; who is never long enough changes its speed. */
const loopTries = 3;

/** One loop: as many inferences as last long enough by the device's own clock, timed by it as a whole. */
export async function measureFirmwareLoop(
  { device, inside, items, warmUps, rule, timeoutMs }: FirmwareLoop,
  listener: BlockListener,
  signal: AbortSignal,
): Promise<BlockResult> {
  const deadline = performance.now() + timeoutMs;
  const infer = (inferences: number, warm: number): Promise<TinyInference> => {
    const left = Math.max(1, deadline - performance.now());
    const expected = ((inside.microseconds ?? 0) * (inferences + warm)) / 1000;
    if (expected > left)
      throw runFailure(
        'run.timeout',
        'user',
        `a loop of ${inferences} inferences takes ${(expected / 1000).toFixed(0)} s, longer than its ${timeoutMs / 1000} s`,
      );
    return within(left, `${inferences} inferences`, signal, (limited) =>
      device.infer(inferences, warm, { signal: limited }),
    );
  };
  listener.onPhase?.('loading');
  await requireSame(device, inside, signal);
  const { bytes } = await inside.itemOf(items > 0 ? inside.loops++ % items : 0);
  await load(device, bytes, signal);
  listener.onPhase?.('warming-up');
  let count = rule.minInferences;
  if (rule.minMs > 0) {
    inside.microseconds ??= await pilot(infer);
    count = Math.max(count, inferencesForLoop(inside.microseconds, rule.minMs / 1000));
  }
  listener.onPhase?.('measuring');
  for (let tries = 1; ; tries++) {
    const { microseconds } = await infer(count, warmUps);
    if (microseconds === 0)
      throw new LabError('device.protocol', `the device says that ${count} inferences took no time`, {
        cause: 'device',
      });
    if (microseconds < rule.minMs * 1000) {
      if (tries === loopTries)
        throw new LabError(
          'device.protocol',
          `${count} inferences took ${microseconds} us, less than ${rule.minMs} ms, and fewer took longer: its clock cannot be relied on`,
          { cause: 'device' },
        );
      count = inferencesForLoop(microseconds / count, rule.minMs / 1000);
      continue;
    }
    listener.onLatency?.(Float64Array.of(microseconds / count / 1000));
    listener.onFraction?.(1);
    return {
      process: {
        load_ms: Number.NaN,
        first_inference_ms: Number.NaN,
        measured_ms: microseconds / 1000,
        rss_baseline_bytes: Number.NaN,
        peak_load_bytes: Number.NaN,
        peak_bytes: Number.NaN,
      },
      loop: { inferences: count, loop_us: microseconds },
    };
  }
}

/** Microseconds of one inference, by as many as a coarse clock needs. */
async function pilot(infer: (inferences: number, warm: number) => Promise<TinyInference>): Promise<number> {
  for (let count = 1; ; count *= 10) {
    const { microseconds } = await infer(count, 1);
    if (microseconds >= pilotUs || count >= mostPilots) return Math.max(microseconds, 1) / count;
  }
}

/** Patience with one item beyond what the loops say it takes, ms. */
const itemMs = 10_000;

/** The labelled items, or as many as there is time for: loaded, inferred once, the class is the largest result, the first of equal ones. */
export async function evaluateInFirmware(
  device: TinyDevice,
  inside: InFirmware,
  subject: Subject,
  items: number,
  onItems: (items: Items) => void,
  signal: AbortSignal,
): Promise<void> {
  await requireSame(device, inside, signal);
  const classes = elementCount(subject.outputs[0]!.dims.map(Number));
  const timeoutMs = itemMs + (10 * (inside.microseconds ?? 0)) / 1000;
  await evaluateItems(subject, items, onItems, async (item) => {
    const { bytes, label } = await inside.itemOf(item);
    await load(device, bytes, signal);
    const { results } = await device.infer(1, 0, { timeoutMs, signal });
    if (results.length !== classes)
      throw runFailure(
        'variant.interface-mismatch',
        'user',
        `the firmware gives ${results.length} results, the model ${classes}: it is another model`,
      );
    return { label, output: results, type: 'float64' };
  });
}
