import { LabError, type Protocol, protocols } from '@hilltop/contracts';
import type { Board, BoardInfo, TinyDevice } from '@hilltop/firmware-bridge';
import type { BoardSource } from '../boards/board-source.js';
import { monotonicMs } from '../monotonic-ms.js';
import type { BlockRule } from '../protocol/stop-rule.js';
import type { Moment } from '../sensors/recorder.js';
import { boardRunFailure, firstInferenceMs, within } from './board-failure.js';
import { evaluateOnBoard } from './board-items.js';
import { checkAgrees, checkFits, type Prepared, prepare } from './board-plan.js';
import { noted } from './ground-truth.js';
import { idle } from './idle.js';
import { evaluateInFirmware, type InFirmware, inFirmwareOf, measureFirmwareLoop } from './in-firmware.js';
import { runFailure } from './outcome.js';
import type { BlockListener, BlockResult, RuntimeContext, RuntimeDriver, Subject } from './runtime.js';
import { allNaN } from './tensors.js';

/**
 * Plans on a microcontroller's firmware, and models that are inside one built for MLPerf Tiny. A block is a fresh load and one loop of inferences that the board times itself, with its
 * interrupts masked; nothing of this machine is in the figures.
 */
export function microcontroller(context: RuntimeContext): RuntimeDriver {
  const subjects = new WeakMap<Subject, Promise<Prepared>>();
  const insides = new WeakMap<Subject, Promise<InFirmware | undefined>>();
  const preparedOf = (subject: Subject): Promise<Prepared> => {
    const known = subjects.get(subject) ?? prepare(subject);
    subjects.set(subject, known);
    return known;
  };
  const insideOf = (subject: Subject): Promise<InFirmware | undefined> => {
    const known = insides.get(subject) ?? inFirmwareOf(subject);
    insides.set(subject, known);
    return known;
  };
  const source = (): BoardSource => {
    if (!context.board) throw runFailure('runtime.missing', 'infrastructure', 'this runtime has no board');
    return context.board;
  };

  /** Work on the board; what it did wrong becomes the run's error, after it was brought back to its senses. */
  const guarded = <T>(subject: Subject, signal: AbortSignal, work: () => Promise<T>): Promise<T> =>
    noted(subject, async () => {
      try {
        return await work();
      } catch (error) {
        throw await boardRunFailure(error, source(), signal);
      }
    });
  const onBoard = async <T>(
    subject: Subject,
    signal: AbortSignal,
    work: (board: Board, prepared: Prepared) => Promise<T>,
    workInside: (device: TinyDevice, inside: InFirmware) => Promise<T>,
  ): Promise<T> => {
    const inside = await insideOf(subject);
    if (inside) {
      const device = await source().takeTiny(signal);
      return guarded(subject, signal, () => workInside(device, inside));
    }
    const prepared = await preparedOf(subject);
    const board = await source().take(signal);
    return guarded(subject, signal, () => work(board, prepared));
  };

  return {
    name: 'microcontroller',
    describe: async () => {
      const version = context.board?.firmware();
      return version === undefined ? undefined : { version, providers: ['cpu'] };
    },
    adapt: (protocol) => boardProtocol(protocol, source().emulated),
    block: (subject, warmUp, rule, listener, signal) =>
      onBoard(
        subject,
        signal,
        (board, prepared) =>
          measureLoop(
            {
              board,
              prepared,
              warmUps: source().emulated ? 0 : warmUp.minInferences,
              rule,
              ...(source().emulated && { maxMs: subject.board?.emulatedMaxMs ?? 0 }),
              timeoutMs: subject.timeoutMs,
            },
            listener,
            signal,
          ),
        (device, inside) => {
          const { timeoutMs, data } = subject;
          const items = data?.layout.items ?? 0;
          const loop = { device, inside, items, warmUps: warmUp.minInferences, rule, timeoutMs };
          return measureFirmwareLoop(loop, listener, signal);
        },
      ),
    evaluate: (subject, items, onItems, signal) =>
      onBoard(
        subject,
        signal,
        async (board, prepared) => {
          const info = await board.info({ signal });
          if (info.loadedPlan !== prepared.sha256) await load(board, info, prepared, {}, signal);
          await evaluateOnBoard(board, prepared, subject, items, onItems, signal);
        },
        (device, inside) => evaluateInFirmware(device, inside, subject, items, onItems, signal),
      ),
    caps: () => 'none',
    memoryLimitBytes: () => undefined,
    ...(context.board && { console: context.board.console }),
  };
}

/** The protocol as a board carries it out. An emulated one counts the same each time: a few inferences say everything. */
export function boardProtocol(protocol: Protocol, emulated: boolean): Protocol {
  const { earlyStopping: _, ...rest } = protocol;
  const board = protocol.board ?? protocols[protocol.name].board;
  return {
    ...rest,
    board,
    blockMinMs: emulated ? 0 : board.loopMinMs,
    blockMinInferences: emulated ? board.emulatedInferences : board.loopMinInferences,
    warmUpMinMs: 0,
    warmUpMinInferences: emulated ? 1 : Math.max(1, board.warmUpInferences),
  };
}

interface Loop {
  readonly board: Board;
  readonly prepared: Prepared;
  /** Untimed inferences before the loop, beside the first one. */
  readonly warmUps: number;
  readonly rule: BlockRule;
  /** The loop ends after this wall-clock time, with at least one inference; for emulators. */
  readonly maxMs?: number;
  /** Wall-clock limit of the whole block. */
  readonly timeoutMs: number;
}

async function measureLoop(loop: Loop, listener: BlockListener, signal: AbortSignal): Promise<BlockResult> {
  const { board, prepared, rule } = loop;
  const deadline = performance.now() + loop.timeoutMs + (rule.idleBeforeMs ?? 0);
  const asked = await askInfo(board, signal);
  const { info } = asked;
  listener.onPhase?.('loading');
  const { loadMs, arenaBytes } = await load(board, info, prepared, listener, signal);
  const { hz, ticksKind } = info;
  const isTime = ticksKind !== 'instructions';
  const msOf = (ticks: number): number => (ticks / hz) * 1000;
  const first = await within(
    firstInferenceMs(prepared.plan.macs, hz, loop.maxMs !== undefined),
    'its first inference',
    signal,
    (limited) => board.runItem(prepared.input, { signal: limited }),
  );
  checkOutput(prepared, first.output);
  const moments: Moment[] = await idle(rule.idleBeforeMs, listener, signal);

  let count = 0;
  let deviceMs = 0;
  const take = (ticks: Uint32Array): void => {
    // Nothing takes no time; believed, it would keep the loop from ever being long enough.
    if (ticks.includes(0))
      throw new LabError('device.protocol', 'the board says that an inference took no ticks', { cause: 'device' });
    if (count === 0) listener.onPhase?.('measuring');
    const values = Float64Array.from(ticks);
    const latencies = values.map(msOf);
    count += ticks.length;
    for (const ms of latencies) deviceMs += ms;
    listener.onTicks?.(values);
    if (isTime) listener.onLatency?.(latencies);
    listener.onFraction?.(Math.min(1, count / rule.minInferences, rule.minMs > 0 ? deviceMs / rule.minMs : 1));
  };
  const over = (): boolean => {
    if (count >= rule.minInferences && deviceMs >= rule.minMs) return true;
    return loop.maxMs !== undefined && count > 0 && performance.now() - started >= loop.maxMs;
  };
  listener.onPhase?.('warming-up');
  // A request of its own, so that no energy of it lies between the marks: all but the last untimed, that one's ticks not looked at.
  if (loop.warmUps > 0) await board.infer({ inferences: 1, warmUp: loop.warmUps - 1, signal });
  const started = performance.now();
  moments.push({ mark: 'loop-start', atMs: monotonicMs() });
  while (!over()) {
    if (performance.now() > deadline)
      throw runFailure(
        'run.timeout',
        'user',
        `a loop of ${rule.minInferences} inferences took longer than ${loop.timeoutMs / 1000} s; one takes ${(deviceMs / Math.max(1, count)).toFixed(0)} ms`,
      );
    // In pieces, so that every limit is looked at; how many go into one request is the bridge's business.
    const ofTime = Math.ceil((rule.minMs - deviceMs) / msOf(Math.max(1, first.ticks)));
    const wanted = Math.max(1, rule.minInferences - count, ofTime);
    const piece = loop.maxMs === undefined ? Math.min(wanted, 4096) : 1;
    await board.infer({ inferences: piece, onTicks: take, signal });
  }
  moments.push({ mark: 'loop-end', atMs: monotonicMs() });
  const after = await askInfo(board, signal);
  moments.push(...(await idle(rule.idleAfterMs, listener, signal)));
  // The host knows when it asked and when the answer was there; the board began and ended somewhere in between.
  const clockMs = Math.min(asked.roundTripMs, after.roundTripMs) / 2;
  const layers = prepared.layersTold ? undefined : await board.layers({ signal });
  prepared.layersTold = true;
  return {
    process: {
      load_ms: loop.maxMs === undefined ? loadMs : Number.NaN,
      first_inference_ms: isTime ? msOf(first.ticks) : Number.NaN,
      measured_ms: isTime ? deviceMs : Number.NaN,
      rss_baseline_bytes: Number.NaN,
      peak_load_bytes: Number.NaN,
      peak_bytes: Number.NaN,
    },
    board: {
      hz,
      arena_bytes: arenaBytes,
      plan_bytes: prepared.plan.bytes,
      stack_bytes: after.info.stackBytes,
      ram_bytes: info.ramBytes,
    },
    moments: moments.map((moment) => ({ ...moment, clockMs })),
    ...(layers && { layers }),
  };
}

/** What a board says of itself, and how long that took: the least that any question takes. */
async function askInfo(
  board: Board,
  signal: AbortSignal,
): Promise<{ readonly info: BoardInfo; readonly roundTripMs: number }> {
  const started = monotonicMs();
  const info = await board.info({ signal });
  return { info, roundTripMs: monotonicMs() - started };
}

/** Brings the plan to the board, where it is not there yet, and loads it. */
async function load(
  board: Board,
  info: BoardInfo,
  prepared: Prepared,
  listener: BlockListener,
  signal: AbortSignal,
): Promise<{ readonly loadMs: number; readonly arenaBytes: number }> {
  checkFits(info, prepared.plan);
  await board.upload(prepared.bytes, {
    signal,
    onProgress: ({ sentBytes, totalBytes }) => listener.onSent?.(sentBytes, totalBytes),
  });
  const started = performance.now();
  const loaded = await board.load(prepared.sha256, { signal });
  checkAgrees(prepared.plan, loaded);
  return { loadMs: performance.now() - started, arenaBytes: loaded.arenaBytes };
}

function checkOutput({ outputOf }: Prepared, bytes: Uint8Array): void {
  if (allNaN(outputOf(bytes), 'float32'))
    throw runFailure('run.output-invalid', 'user', 'the output is nothing but NaN');
}
