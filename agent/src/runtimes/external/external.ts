import { constants, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { highestFrequencyKhz, readKernelCounters, readText } from '../../kernel-counters.js';
import { monotonicMs } from '../../monotonic-ms.js';
import { watchSystemMemory } from '../../preparation/system-memory.js';
import { WarmUp } from '../../protocol/warm-up.js';
import { evaluateItems } from '../board-items.js';
import { capsFor } from '../caps.js';
import { capTools, freeMemoryBytes, inPrivate, killProcessGroup, launch, type PrivatePlace } from '../child-process.js';
import { evidenceColumns } from '../evidence-columns.js';
import { evidence, known } from '../evidence-row.js';
import { noted } from '../ground-truth.js';
import { idle } from '../idle.js';
import { bytesOf, ItemTensors, readTensor } from '../item-tensors.js';
import { outcomeOf, runFailure } from '../outcome.js';
import { groupBytes, ownGroup, ProcessMemory, processGroup } from '../process-memory.js';
import type { BlockListener, BlockResult, RuntimeContext, RuntimeDriver, Subject } from '../runtime.js';
import { allNaN, type TensorData } from '../tensors.js';
import { Dialogue, ProgramGone, plausible, protocolError } from './dialogue.js';
import { type Answer, batchLimit, externalProtocol, type FileTensor } from './wire.js';

/** A question about inferences takes about so long: the screen follows, and what is asked costs nothing beside it. */
const batchMs = 200;
/** A warm-up is asked in windows of its rule. */
const warmUpBatch = 10;
/** A program that was told to quit has so long. */
const quitMs = 2000;
/** Saying hello takes a program so long at most: it loads its libraries. */
const helloMs = 30_000;

/** What a program that said hello is. */
interface Said {
  readonly dialogue: Dialogue;
  readonly hello: Answer<'hello'>;
  /** The process that executes. */
  readonly pid: number;
  readonly place: PrivatePlace;
}

/** A person's own program, in a fresh process for each block: docs/external-runtime.md. */
export function external(context: RuntimeContext): RuntimeDriver {
  const { command } = context.program!;
  const caps = (artifactBytes: number, timeoutMs: number, threads: number) =>
    capsFor(artifactBytes, freeMemoryBytes(), timeoutMs, threads);

  /** Starts the program in its private directory, says hello and goes on with `work`; the program is gone afterwards. */
  const converse = async <T>(
    place: PrivatePlace,
    limits: { readonly artifactBytes: number; readonly timeoutMs: number; readonly threads: number },
    signal: AbortSignal,
    work: (said: Said) => Promise<T>,
  ): Promise<T> => {
    let talk: Promise<{ readonly value: T } | { readonly error: unknown }> | undefined;
    const exit = await launch({
      command,
      home: place.home,
      caps: caps(limits.artifactBytes, limits.timeoutMs, limits.threads),
      ...(context.affinity !== undefined && { affinity: context.affinity }),
      ...(place.group !== undefined && { group: place.group }),
      timeoutMs: limits.timeoutMs,
      ...(context.onChild && { onChild: context.onChild }),
      signal,
      stdio: ['pipe', 'pipe', 'pipe'],
      onSpawn: (child) => {
        const dialogue = new Dialogue(child);
        const end = (): void => {
          if (child.pid && child.exitCode === null && child.signalCode === null) killProcessGroup(child.pid);
        };
        talk = greeted(dialogue, child.pid)
          .then(({ hello, pid }) => work({ dialogue, hello, pid, place }))
          .then(
            (value) => {
              dialogue.quit();
              const timer = setTimeout(end, quitMs);
              child.once('close', () => clearTimeout(timer));
              return { value };
            },
            (error: unknown) => {
              end();
              return { error };
            },
          );
      },
    });
    signal.throwIfAborted();
    const said = await talk!;
    if ('value' in said) return said.value;
    throw said.error instanceof ProgramGone || exit.timedOut ? outcomeOf(exit) : said.error;
  };

  const withModel = <T>(
    subject: Subject,
    moreMs: number,
    signal: AbortSignal,
    work: (said: Said, tensors: ItemTensors) => Promise<T>,
  ): Promise<T> =>
    inPrivate(
      {
        workDir: context.workDir,
        artifactPath: subject.artifact.path,
        ...(context.groups && { groups: context.groups }),
      },
      (place) =>
        converse(
          place,
          {
            artifactBytes: subject.artifact.bytes,
            timeoutMs: subject.timeoutMs + moreMs,
            threads: subject.settings.threads,
          },
          signal,
          (said) => work(said, new ItemTensors(subject)),
        ),
    );

  return {
    name: 'external',
    describe: async () => {
      const home = await mkdtemp(join(context.workDir, 'hello-'));
      try {
        const place = { home, modelPath: join(home, 'model.onnx'), group: undefined };
        const limits = { artifactBytes: 0, timeoutMs: helloMs, threads: 1 };
        return await converse(place, limits, new AbortController().signal, async ({ hello }) => hello);
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    },
    block: (subject, warmUp, rule, listener, signal) => {
      listener.onPhase?.('loading');
      const moreMs = (rule.idleBeforeMs ?? 0) + (rule.idleAfterMs ?? 0);
      return withModel(subject, moreMs, signal, async (said, tensors) => {
        const { dialogue, hello, pid, place } = said;
        const memory = new ProcessMemory(pid);
        const baseline = memory.get('VmRSS');
        const group = ownGroup(place.group, pid);
        const groupBaseline = groupBytes(group, 'memory.current');
        const system = (subject.settings.provider ?? hello.providers[0]) === 'cpu' ? undefined : watchSystemMemory();
        const resettable = memory.resetPeak();
        const peak = (): number => {
          const highest = memory.get('VmHWM');
          return resettable || highest > baseline * 1.02 ? highest : memory.get('VmRSS');
        };
        return noted(subject, async () => {
          const loadMs = await load(said, subject, tensors);
          const peakLoad = peak();
          const first = await dialogue.infer('infer', 1);
          await firstOutput(said, subject);
          listener.onPhase?.('warming-up');
          const moments = await idle(rule.idleBeforeMs, listener, signal);
          const latencyMs = await warm(dialogue, new WarmUp(warmUp), listener);
          const before = readKernelCounters('/', pid);
          moments.push({ mark: 'loop-start', atMs: monotonicMs() });
          const measuredMs = await measured(dialogue, rule, latencyMs, listener);
          moments.push({ mark: 'loop-end', atMs: monotonicMs() });
          const frequency = highestFrequencyKhz();
          const after = readKernelCounters('/', pid);
          const peakBytes = peak();
          const memoryRow = known({
            group_baseline_bytes: groupBaseline,
            group_peak_bytes: groupBytes(group, 'memory.peak'),
            swapped_bytes: memory.get('VmSwap'),
            system_bytes: system?.() ?? Number.NaN,
          });
          moments.push(...(await idle(rule.idleAfterMs, listener, signal)));
          const row = evidence(before, after, measuredMs, frequency);
          return {
            moments,
            memory: memoryRow,
            process: {
              load_ms: loadMs,
              first_inference_ms: first[0]!,
              measured_ms: measuredMs,
              // The program without a model is known, the program with the null model is not: what is above it stays unsaid.
              rss_baseline_bytes: Number.NaN,
              peak_load_bytes: peakLoad,
              peak_bytes: peakBytes,
            },
            evidence: evidenceColumns(row),
          } satisfies BlockResult;
        }).finally(() => system?.());
      });
    },
    evaluate: (subject, items, onItems, signal) =>
      withModel(subject, subject.board?.evaluationMaxMs ?? subject.timeoutMs, signal, async (said, tensors) => {
        await load(said, subject, tensors);
        await evaluateItems(subject, items, onItems, async (item) => {
          const label = await tensors.feed(item);
          await writeInputs(said.place, tensors);
          await said.dialogue.infer('infer', 1, true);
          const output = await firstOutput(said, subject, 'any');
          return { label, output, type: subject.outputs[0]!.type };
        });
      }),
    caps: () => (capTools().prlimit ? 'prlimit' : 'none'),
    memoryLimitBytes: (artifactBytes) => (capTools().prlimit ? caps(artifactBytes, 1000, 1).memoryBytes : undefined),
  };
}

/** Says hello; the process that executes must be of the group that the agent started, so that it ends with it. */
async function greeted(
  dialogue: Dialogue,
  started: number | undefined,
): Promise<{ hello: Answer<'hello'>; pid: number }> {
  const { answer: hello } = await dialogue.ask({ do: 'hello', protocol: externalProtocol });
  const pid = hello.pid ?? started!;
  if (pid !== started && processGroup(readText('/', `proc/${pid}/stat`)) !== started)
    throw protocolError(`process ${pid} is not in the process group that the command was started in`);
  return { hello, pid };
}

/** Loads the model with its inputs in place; resolves with the time it took, ms: the program's own, or this side's. */
async function load({ dialogue, place }: Said, subject: Subject, tensors: ItemTensors): Promise<number> {
  if (subject.data) await tensors.feed(0);
  await writeInputs(place, tensors);
  const filed =
    (kind: 'input' | 'output') =>
    (info: Subject['inputs'][number], i: number): FileTensor => ({
      ...info,
      file: `${kind}-${i}.bin`,
    });
  const { settings } = subject;
  const { answer, wallNs } = await dialogue.ask({
    do: 'load',
    model: place.modelPath,
    threads: settings.threads,
    ...(settings.provider !== undefined && { provider: settings.provider }),
    inputs: subject.inputs.map(filed('input')),
    outputs: subject.outputs.map(filed('output')),
  });
  if (answer.ns !== undefined) plausible([answer.ns], wallNs);
  return (answer.ns ?? wallNs) / 1e6;
}

async function writeInputs({ home }: PrivatePlace, { buffers }: ItemTensors): Promise<void> {
  for (const [i, data] of buffers.entries()) await writeFile(join(home, `input-${i}.bin`), bytesOf(data));
}

/** First output of the last inference, after all were held against what the lab expects. Throws `run.output-invalid`. */
async function firstOutput(
  { dialogue, place }: Said,
  subject: Subject,
  values: 'some' | 'any' = 'some',
): Promise<TensorData> {
  await dialogue.ask({ do: 'output' });
  const outputs: TensorData[] = [];
  for (const [i, info] of subject.outputs.entries()) {
    const name = `output-${i}.bin`;
    // It is the program's directory: a link there would be followed out of it, a pipe would never end.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(join(place.home, name), flags).catch(() => {
      throw runFailure('run.output-invalid', 'user', `the program wrote no ${name} for output ${info.name}`);
    });
    try {
      outputs.push(await readTensor(file, info));
    } finally {
      await file.close();
    }
  }
  const first = subject.outputs[0]!;
  if (values === 'some' && allNaN(outputs[0]!, first.type))
    throw runFailure('run.output-invalid', 'user', `output ${first.name} is nothing but NaN`);
  return outputs[0]!;
}

/** Warms up by the protocol's rule on the times that the program reports; resolves with the last one, ms. */
async function warm(dialogue: Dialogue, rule: WarmUp, listener: BlockListener): Promise<number> {
  let elapsedMs = 0;
  for (;;) {
    const rows = await dialogue.infer('warmup', warmUpBatch);
    listener.onWarmUp?.(rows);
    let over = false;
    for (const ms of rows) {
      elapsedMs += ms;
      if (rule.done(ms, elapsedMs)) over = true;
    }
    if (over) return rows.at(-1)!;
  }
}

/** Measures until both minima are reached; resolves with the time all took on this side's clock, ms. */
async function measured(
  dialogue: Dialogue,
  { minMs, minInferences }: { readonly minMs: number; readonly minInferences: number },
  latencyMs: number,
  listener: BlockListener,
): Promise<number> {
  const start = performance.now();
  const batch = Math.min(batchLimit, Math.max(1, Math.floor(batchMs / Math.max(1e-4, latencyMs))));
  let inferences = 0;
  for (;;) {
    const spent = performance.now() - start;
    const forTime = Math.ceil((minMs - spent) / Math.max(1e-4, latencyMs));
    const wanted = Math.max(1, Math.min(batch, Math.max(forTime, minInferences - inferences)));
    const rows = await dialogue.infer('infer', wanted);
    inferences += rows.length;
    listener.onLatency?.(rows);
    const now = performance.now() - start;
    if (now >= minMs && inferences >= minInferences) return now;
  }
}
