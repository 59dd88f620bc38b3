import { readFile, stat, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { profileLimit } from '@hilltop/contracts';
import { highestFrequencyKhz, type KernelCounters, readKernelCounters } from '../../kernel-counters.js';
import { watchSystemMemory } from '../../preparation/system-memory.js';
import { evaluateItems } from '../board-items.js';
import { capsFor } from '../caps.js';
import {
  capTools,
  executable,
  freeMemoryBytes,
  inPrivate,
  launch,
  onPath,
  type PrivatePlace,
} from '../child-process.js';
import { evidenceColumns } from '../evidence-columns.js';
import { evidence, known } from '../evidence-row.js';
import { noted } from '../ground-truth.js';
import { bytesOf, ItemTensors } from '../item-tensors.js';
import { outcomeOf, runFailure } from '../outcome.js';
import { groupBytes, ownGroup, ProcessMemory } from '../process-memory.js';
import type { RuntimeContext, RuntimeDriver, Subject } from '../runtime.js';
import { allNaN } from '../tensors.js';
import { buildArguments, executeArguments, parseVersion, shapesArgument, type TrtexecVersion } from './command.js';
import { type Engine, Engines } from './engines.js';
import { parseError, parseLoadMs, parseOutputs, parseProfile, parseTimes, splitWarmUp } from './results.js';

/** Where NVIDIA's packages put it (JetPack, Debian); else it is looked for on the agent's path. */
const usualPath = '/usr/src/tensorrt/bin/trtexec';
const helloMs = 30_000;
/** Building tries many kernels of each layer: on a Jetson Nano a ResNet-50 takes minutes. */
const buildMs = 30 * 60_000;
/** So often the process is looked at: its peak of memory and the kernel's counters are gone with it. */
const lookMs = 50;
const outputKept = 1 << 20;
/** Largest file of results that is read, bytes: about 700,000 inferences. */
const fileLimit = 256 * 2 ** 20;
/** The builder may try tactics with so much memory, MiB: a quarter of all, 1 GiB at most. */
const workspaceMib = Math.floor(Math.min(1024, totalmem() / 2 ** 20 / 4));
const profileIterations = 30;

/**
 * NVIDIA's TensorRT by its own tool, for onnxruntime-node has no GPU provider on arm64. A block is a fresh `trtexec` with an engine that was
 * built before; latency is trtexec's: input to the device, computing, output from it, without waiting in its queue.
 */
export function trtexec(context: RuntimeContext): RuntimeDriver {
  const found = (): readonly string[] | undefined => {
    if (context.trtexec) return context.trtexec;
    const path = executable(usualPath) ? usualPath : onPath('trtexec');
    return path === undefined ? undefined : [path];
  };
  // CUDA reserves far more than a model needs: beside what is free there is no cap on memory.
  const caps = (timeoutMs: number, threads: number) => ({
    ...capsFor(0, freeMemoryBytes(), timeoutMs, threads),
    memoryBytes: Math.floor(0.75 * Math.min(freeMemoryBytes(), Number.MAX_SAFE_INTEGER)),
  });

  /** One call; resolves with all it printed. Throws how it ended. */
  const call = async (
    args: readonly string[],
    place: Pick<PrivatePlace, 'home' | 'group'>,
    timeoutMs: number,
    threads: number,
    signal: AbortSignal,
    onPid?: (pid: number) => void,
  ): Promise<string> => {
    let output = '';
    const exit = await launch({
      command: [...found()!, ...args],
      home: place.home,
      caps: caps(timeoutMs, threads),
      ...(context.affinity !== undefined && { affinity: context.affinity }),
      ...(place.group !== undefined && { group: place.group }),
      timeoutMs,
      ...(context.onChild && { onChild: context.onChild }),
      signal,
      stdio: ['ignore', 'pipe', 'pipe'],
      onSpawn: (child) => {
        for (const stream of [child.stdout!, child.stderr!])
          stream.on('data', (bytes: Buffer) => {
            output = (output + bytes.toString('utf8')).slice(-outputKept);
          });
        if (child.pid) onPid?.(child.pid);
      },
    });
    signal.throwIfAborted();
    if (exit.code === 0) return output;
    const error = parseError(output);
    if (error === undefined || exit.timedOut) throw outcomeOf(exit);
    const memory = /out of memory|insufficient memory|OutOfMemory/i.test(output);
    throw memory
      ? runFailure('run.out-of-memory', 'device', `trtexec: ${error}`)
      : runFailure('run.model-rejected', 'user', `trtexec: ${error}`);
  };

  let version: Promise<TrtexecVersion | undefined> | undefined;
  const versionHere = (): Promise<TrtexecVersion | undefined> => {
    version ??= inPrivate({ workDir: context.workDir, artifactPath: '/dev/null' }, async (place) =>
      parseVersion(await call(['--help'], place, helloMs, 1, new AbortController().signal)),
    );
    return version;
  };

  const engines = new Engines(join(context.workDir, 'engines'));
  const engineOf = async (subject: Subject, place: PrivatePlace, signal: AbortSignal): Promise<Engine> => {
    const here = await versionHere();
    if (!here) throw runFailure('runtime.failed', 'device', 'trtexec does not say its version');
    const { precision = 'fp32' } = subject.settings;
    const shapes = shapesArgument(subject.inputs);
    return engines.get({ artifact: subject.artifact.sha256, version: here.text, precision, shapes }, async (path) => {
      const build = (kind: Engine['shapes']) =>
        call(
          buildArguments(place.modelPath, path, subject.inputs, { precision, version: here, workspaceMib }, kind),
          place,
          context.trtexecBuildMs ?? buildMs,
          subject.settings.threads,
          signal,
        );
      // Shapes of a model that leaves none open are an error, and so is leaving them out where some are.
      try {
        await build('dynamic');
        return 'dynamic';
      } catch (error) {
        if (!/static model/i.test(String(error))) throw error;
        await build('static');
        return 'static';
      }
    });
  };

  const inPlace = <T>(subject: Subject, work: (place: PrivatePlace, tensors: ItemTensors) => Promise<T>): Promise<T> =>
    inPrivate(
      {
        workDir: context.workDir,
        artifactPath: subject.artifact.path,
        ...(context.groups && { groups: context.groups }),
      },
      async (place) => {
        const tensors = new ItemTensors(subject);
        if (subject.data) await tensors.feed(0);
        return work(place, tensors);
      },
    );

  return {
    name: 'trtexec',
    describe: async () => {
      if (!found()) return undefined;
      const here = await versionHere();
      return here && { version: here.text, providers: ['tensorrt'] };
    },
    block: (subject, warmUp, rule, listener, signal) =>
      inPlace(subject, async (place, tensors) => {
        listener.onPhase?.('loading');
        const { path, shapes } = await engineOf(subject, place, signal);
        listener.onPhase?.('measuring');
        const [timesPath, outputPath] = [join(place.home, 'times.json'), join(place.home, 'output.json')];
        const system = watchSystemMemory();
        let watched: Watched | undefined;
        const inputs = await filed(subject, tensors, place);
        const output = await noted(subject, () =>
          call(
            executeArguments(path, {
              inputs,
              shapes,
              iterations: 2 * warmUp.minInferences + rule.minInferences,
              durationS: Math.ceil((2 * warmUp.minMs + rule.minMs) / 1000),
              timesPath,
              outputPath,
            }),
            place,
            subject.timeoutMs,
            subject.settings.threads,
            signal,
            (pid) => {
              watched = new Watched(pid, place.group);
            },
          ),
        ).finally(() => {
          watched?.stop();
        });
        const times = parseTimes(await readSmall(timesPath));
        if (!times || times.length <= rule.minInferences)
          throw runFailure(
            'runtime.protocol',
            'device',
            `trtexec wrote the times of ${times?.length ?? 'no'} inferences`,
          );
        firstOutput(await readSmall(outputPath), subject, 'some');
        const split = splitWarmUp(times, warmUp, rule);
        listener.onWarmUp?.(split.warmUp);
        listener.onLatency?.(split.latency);
        const { row, peakBytes, group } = watched!.result();
        return {
          memory: known({
            group_peak_bytes: groupBytes(group, 'memory.peak'),
            system_bytes: system() ?? Number.NaN,
          }),
          process: {
            load_ms: parseLoadMs(output) ?? Number.NaN,
            first_inference_ms: times[0]!.latencyMs,
            measured_ms: split.measuredMs,
            // It loads CUDA, TensorRT and the engine in one go: what of its memory is the model's nobody can say.
            rss_baseline_bytes: Number.NaN,
            peak_load_bytes: Number.NaN,
            peak_bytes: peakBytes,
          },
          evidence: evidenceColumns(row),
        };
      }),
    evaluate: (subject, items, onItems, signal) =>
      inPlace(subject, async (place, tensors) => {
        const { path, shapes } = await engineOf(subject, place, signal);
        const outputPath = join(place.home, 'output.json');
        // A process an item: trtexec takes one set of inputs. Where that is too slow for all, a stated subset is taken.
        await evaluateItems(subject, items, onItems, async (item) => {
          const label = await tensors.feed(item);
          const inputs = await filed(subject, tensors, place);
          const execute = { inputs, shapes, iterations: 1, durationS: 0, outputPath };
          await call(executeArguments(path, execute), place, subject.timeoutMs, subject.settings.threads, signal);
          return { label, output: firstOutput(await readSmall(outputPath), subject, 'any'), type: 'float64' };
        });
      }),
    profile: (subject, signal) =>
      inPlace(subject, async (place, tensors) => {
        const { path, shapes } = await engineOf(subject, place, signal);
        const profilePath = join(place.home, 'profile.json');
        const inputs = await filed(subject, tensors, place);
        const execute = { inputs, shapes, iterations: profileIterations, durationS: 0, profilePath };
        await call(executeArguments(path, execute), place, subject.timeoutMs, subject.settings.threads, signal);
        return parseProfile(await readSmall(profilePath), profileLimit);
      }),
    caps: () => (capTools().prlimit ? 'prlimit' : 'none'),
    memoryLimitBytes: () => (capTools().prlimit ? caps(1000, 1).memoryBytes : undefined),
  };
}

/** Writes the inputs, raw, and says where. */
async function filed(subject: Subject, { buffers }: ItemTensors, { home }: PrivatePlace) {
  return Promise.all(
    subject.inputs.map(async (input, i) => {
      const file = join(home, `input-${i}.bin`);
      await writeFile(file, bytesOf(buffers[i]!));
      return { ...input, file };
    }),
  );
}

/** Values of the lab's first output. Throws `run.output-invalid`. */
function firstOutput(text: string, { outputs }: Subject, values: 'some' | 'any'): Float64Array {
  const written = parseOutputs(text);
  const invalid = (what: string) => runFailure('run.output-invalid', 'user', what);
  for (const { name, dims } of outputs) {
    const got = written?.get(name);
    const elements = dims.reduce<number>((product, d) => product * Number(d), 1);
    if (!got) throw invalid(`trtexec gives no output ${name}`);
    if (Number.isInteger(elements) && got.length !== elements)
      throw invalid(`output ${name} has ${got.length} values and not ${elements}, [${dims}]`);
  }
  const first = written!.get(outputs[0]!.name)!;
  if (values === 'some' && allNaN(first, 'float64')) throw invalid(`output ${outputs[0]!.name} is nothing but NaN`);
  return first;
}

async function readSmall(path: string): Promise<string> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size === 0 || size > fileLimit)
    throw runFailure('runtime.protocol', 'device', `trtexec wrote ${size} bytes of results`);
  return readFile(path, 'utf8');
}

/** What the kernel counts of a process from outside, from soon after its start to shortly before its end: loading is in it. */
class Watched {
  private readonly memory: ProcessMemory;
  private readonly first: KernelCounters;
  private readonly startedAt = performance.now();
  private readonly timer: NodeJS.Timeout;
  private last: KernelCounters;
  private lastAt = this.startedAt;
  private peakBytes = Number.NaN;
  private frequencyKhz = Number.NaN;
  private inGroup: string | undefined;

  constructor(
    private readonly pid: number,
    private readonly group: string | undefined,
  ) {
    this.memory = new ProcessMemory(pid);
    this.first = this.last = readKernelCounters('/', pid);
    this.timer = setInterval(() => this.look(), lookMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  result() {
    const wallMs = this.lastAt - this.startedAt;
    return {
      row: evidence(this.first, this.last, wallMs, this.frequencyKhz),
      peakBytes: this.peakBytes,
      group: this.inGroup,
    };
  }

  private look(): void {
    const peak = this.memory.get('VmHWM');
    // It has ended: its files are empty or gone.
    if (Number.isNaN(peak)) return;
    this.peakBytes = peak;
    this.inGroup ??= ownGroup(this.group, this.pid);
    this.last = readKernelCounters('/', this.pid);
    this.lastAt = performance.now();
    this.frequencyKhz = highestFrequencyKhz();
  }
}
