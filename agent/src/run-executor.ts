import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import {
  type DeviceFacts,
  decodeTensorPack,
  elementBytes,
  encodeColumns,
  errorText,
  type Floor,
  type JournalEvent,
  LabError,
  type Live,
  type Observations,
  powerModeRefusal,
  protocols,
  type RunEnvironment,
  type RunStart,
  type Runtime,
  runtimeIdOf,
} from '@hilltop/contracts';
import type { Logger } from 'pino';
import type { Cache } from './cache.js';
import type { Fetcher } from './fetcher.js';
import type { Journal } from './journal/journal.js';
import { LiveSender } from './live-sender.js';
import type { Preparation } from './preparation/preparation.js';
import { measure } from './protocol/measure.js';
import type { ChildData } from './runtimes/child-wire.js';
import { runErrorOf, runFailure } from './runtimes/outcome.js';
import type { RuntimeDriver, Subject } from './runtimes/runtime.js';
import type { Recorder } from './sensors/recorder.js';

export interface ExecutorPorts {
  readonly journal: Journal;
  readonly cache: Cache;
  readonly fetcher: Fetcher;
  readonly sendLive: (live: Live) => void;
  readonly clock: { readonly monotonic: () => number; readonly wall: () => number };
  readonly agentVersion: string;
  readonly groundTruth?: string;
  /** For what a run does not fail of. */
  readonly log: Pick<Logger, 'warn'>;
}

export interface ExecutedDevice {
  readonly driver: RuntimeDriver;
  readonly facts: DeviceFacts;
  readonly floor?: Floor;
  /** Sets the machine up for each run; absent: it stays as it is. */
  readonly preparation?: Pick<Preparation, 'begin' | 'end'>;
  /** What is read beside its runs; a new one for each. */
  readonly recorder?: () => Recorder | undefined;
}

export type RunEnded = Extract<JournalEvent, { type: 'run.ended' }>;

/**
 * Carries out one run from its start to its end in the journal. Every step is journalled before it is taken;
 * never throws for anything the run, the model or the link did: that is the outcome. Throws when the journal fails.
 */
export async function executeRun(
  start: RunStart,
  device: ExecutedDevice,
  ports: ExecutorPorts,
  signal: AbortSignal,
): Promise<RunEnded> {
  const { journal } = ports;
  const { runId, fence } = start;
  const live = new LiveSender(runId, ports.sendLive, ports.clock);
  const pins = [
    ports.cache.pin(start.artifact.sha256),
    ...(start.evaluation ? [ports.cache.pin(start.evaluation.sha256)] : []),
  ];
  let batches = 0;
  let transferBytes = 0;
  let artifactSha256: string | undefined;
  const end = (outcome: RunEnded['outcome'], error?: RunEnded['error']): RunEnded => ({
    type: 'run.ended',
    runId,
    fence,
    outcome,
    batches,
    transferBytes,
    ...(error && { error }),
    ...(artifactSha256 && { artifactSha256 }),
  });
  const observed = (observations: Observations): void => {
    // It ends the agent, and so this run; thrown here, it would end the process in the middle.
    if (journal.failure) return;
    journal.append({ type: 'run.observed', observations });
    batches++;
  };
  /** What the device printed meanwhile: of a run that failed it may be the explanation. */
  const keepConsole = (): void => {
    const text = device.driver.console?.end();
    if (text && text.length > 0)
      observed({ runId, fence, seq: batches, kind: 'console', block: 0, ...encodeColumns('console', { byte: text }) });
  };
  let ended: RunEnded;
  device.driver.console?.begin(runId);
  try {
    signal.throwIfAborted();
    journal.append({ type: 'run.preparing', runId, fence });
    await journal.sync();
    const fetched = await fetchAll(start, ports, live, signal);
    transferBytes = fetched.transferBytes;
    artifactSha256 = start.artifact.sha256;
    const subject = await subjectOf(start, fetched, ports);
    const { driver, runtime } = (await device.driver.chosen?.(start.settings)) ?? { driver: device.driver };
    const usual = runtime === undefined || runtimeIdOf(runtime) === usualRuntime(device);
    const cooling = (): void => live.report({ phase: 'cooling', fraction: 0 });
    const { powerMode } = start.settings;
    const refusal = device.preparation ? undefined : powerModeRefusal('this device', [], start.settings);
    if (refusal) throw runFailure(refusal.code, 'user', refusal.message);
    const prepared = (await device.preparation?.begin(signal, cooling, powerMode)) ?? [];
    const recorder = device.recorder?.();
    journal.append({
      type: 'run.started',
      runId,
      fence,
      environment: {
        ...environment(start, { ...device, driver, runtime }, ports),
        ...(prepared.length > 0 && { prepared }),
        ...(recorder && recorder.sensors.length > 0 && { sensors: [...recorder.sensors] }),
      },
      // It was taken with the device's first runtime, as the device is, and says nothing of another.
      ...(device.floor && usual && powerMode === undefined && { floor: device.floor }),
    });
    await journal.sync();
    const items = start.evaluation?.items;
    await measure(
      {
        runId,
        fence,
        protocol: start.protocol,
        subject,
        ...(items !== undefined && { items }),
        ...(recorder && { recorder }),
      },
      device.driver,
      {
        onObservations: observed,
        onProgress: (progress) => live.report(progress),
        onPower: (buckets) => live.power(buckets),
        onUnprofiled: (error) => ports.log.warn({ reason: errorText(error) }, 'the layers could not be profiled'),
      },
      signal,
    );
    keepConsole();
    ended = end('succeeded');
  } catch (error) {
    if (journal.failure) throw journal.failure;
    keepConsole();
    const reason = signal.aborted ? signal.reason : error;
    const cancelled = reason instanceof LabError && reason.code === 'run.cancelled';
    ended = end(cancelled ? 'cancelled' : 'failed', runErrorOf(reason));
  } finally {
    for (const unpin of pins) unpin();
    await device.preparation?.end();
  }
  journal.append(ended);
  await journal.sync();
  return ended;
}

interface FetchedBlobs {
  readonly artifactPath: string;
  readonly evaluationPath?: string;
  readonly transferBytes: number;
}

async function fetchAll(
  start: RunStart,
  ports: ExecutorPorts,
  live: LiveSender,
  signal: AbortSignal,
): Promise<FetchedBlobs> {
  const total = start.artifact.bytes + (start.evaluation?.bytes ?? 0);
  let before = 0;
  const progress = ({ fetchedBytes }: { fetchedBytes: number }): void => {
    live.report({ phase: 'fetching', fraction: 0, fetchedBytes: before + fetchedBytes, totalBytes: total });
  };
  const artifact = await ports.fetcher.get(start.artifact, progress, signal);
  before = start.artifact.bytes;
  const evaluation = start.evaluation && (await ports.fetcher.get(start.evaluation, progress, signal));
  return {
    artifactPath: artifact.path,
    ...(evaluation && { evaluationPath: evaluation.path }),
    transferBytes: artifact.transferBytes + (evaluation?.transferBytes ?? 0),
  };
}

async function subjectOf(start: RunStart, fetched: FetchedBlobs, ports: ExecutorPorts): Promise<Subject> {
  return {
    artifact: { path: fetched.artifactPath, sha256: start.artifact.sha256, bytes: start.artifact.bytes },
    settings: start.settings,
    inputs: start.inputs,
    outputs: start.outputs,
    timeoutMs: start.protocol.blockTimeoutMs,
    board: start.protocol.board ?? protocols[start.protocol.name].board,
    ...(fetched.evaluationPath && {
      data: { path: fetched.evaluationPath, layout: await dataLayout(fetched.evaluationPath, start) },
    }),
    ...(ports.groundTruth && {
      groundTruth: {
        path: ports.groundTruth,
        what: `${start.deviceId} ${start.runId} ${start.fence} ${start.artifact.sha256}`,
      },
    }),
  };
}

/** Where items and labels lie in a tensor pack; without labels for `agreement`, which compares predictions elsewhere. */
export async function dataLayout(
  path: string,
  start: Pick<RunStart, 'inputs' | 'evaluation' | 'qualityMetric'>,
): Promise<ChildData> {
  const bytes = await readFile(path);
  const pack = decodeTensorPack(bytes);
  const offsetOf = (view: Uint8Array): number => view.byteOffset - bytes.byteOffset;
  if (pack.inputs.length !== start.inputs.length || pack.items < (start.evaluation?.items ?? 1)) {
    throw runFailure(
      'data.shape-mismatch',
      'user',
      `the labelled data has ${pack.inputs.length} inputs and ${pack.items} items; the model takes ${start.inputs.length} inputs`,
    );
  }
  const inputs = pack.inputs.map((input, i) => {
    const elements = input.dims.reduce((product, d) => product * d, 1);
    const wanted = start.inputs[i]!.dims.reduce<number>((product, d) => product * Number(d), 1);
    if (elements !== wanted)
      throw runFailure(
        'data.shape-mismatch',
        'user',
        `an item of the labelled data is [${input.dims}], input ${start.inputs[i]!.name} is [${start.inputs[i]!.dims}]`,
      );
    return { type: input.type, elements, scale: input.scale, offset: input.offset, at: offsetOf(input.data) };
  });
  const labelled = pack.labels !== undefined && start.qualityMetric !== 'agreement';
  return { items: pack.items, inputs, ...(labelled && { labelsAt: labelsOffset(bytes) }) };
}

/** Labels are handed out as numbers; their place is the last tensor of the file, 8 bytes an item. */
function labelsOffset(bytes: Buffer): number {
  const headerEnd = 8 + bytes.readUInt32LE(4);
  const header = JSON.parse(bytes.toString('utf8', 8, headerEnd)) as { labels: { offset: number } };
  return Math.ceil(headerEnd / elementBytes.int64) * elementBytes.int64 + header.labels.offset;
}

const usualRuntime = ({ facts }: Pick<ExecutedDevice, 'facts'>): string | undefined =>
  facts.runtimes[0] && runtimeIdOf(facts.runtimes[0]);

function environment(
  start: RunStart,
  device: Pick<ExecutedDevice, 'driver' | 'facts'> & { readonly runtime: Runtime | undefined },
  ports: ExecutorPorts,
): RunEnvironment {
  const { facts } = device;
  const powerMode = start.settings.powerMode ?? facts.powerMode;
  const runtime = device.runtime ?? facts.runtimes.find((r) => r.name === device.driver.name);
  const limit = device.driver.memoryLimitBytes(start.artifact.bytes);
  return {
    agentVersion: ports.agentVersion,
    node: process.versions.node,
    runtime: {
      name: runtime ? runtimeIdOf(runtime) : device.driver.name,
      version: runtime?.version ?? 'unknown',
      provider: start.settings.provider ?? runtime?.providers[0] ?? 'cpu',
    },
    ...(facts.kernel && { kernel: facts.kernel }),
    ...(powerMode !== undefined && { governor: powerMode }),
    loadAverage: loadavg()[0]!,
    caps: device.driver.caps(),
    ...(limit !== undefined && { memoryLimitBytes: limit }),
  };
}
