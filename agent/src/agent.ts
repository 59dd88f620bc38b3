import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type DeviceReport, type LabError } from '@hilltop/contracts';
import type { Logger } from 'pino';
import { Bench } from './boards/bench.js';
import type { BoardSeat } from './boards/board-seat.js';
import { openBoard } from './boards/open-board.js';
import { Cache } from './cache.js';
import type { AgentConfig } from './config.js';
import { type DataDir, noteChild, openDataDir } from './data-dir.js';
import { deviceType, surveyFacts } from './facts.js';
import { Fences } from './fences.js';
import { Fetcher } from './fetcher.js';
import { measureFloor } from './floor.js';
import { clockOffsetMs } from './join.js';
import { Journal } from './journal/journal.js';
import { openRuns } from './journal/open-runs.js';
import { Outbox } from './journal/outbox.js';
import { Link } from './link.js';
import { becomeMember, type Member } from './membership.js';
import { MeterBench } from './meters/meter-bench.js';
import { meterPorts } from './meters/meter-spec.js';
import type { openMeter } from './meters/open-meter.js';
import { pause } from './pause.js';
import { MemoryGroups } from './preparation/memory-groups.js';
import { Preparation } from './preparation/preparation.js';
import { runChange } from './preparation/run-change.js';
import { undoRecordName } from './preparation/undo-record.js';
import type { Reporter } from './reporter.js';
import { capTools } from './runtimes/child-process.js';
import { type HostRuntimes, hostRuntimes } from './runtimes/host-runtimes.js';
import { runtimes } from './runtimes/index.js';
import type { RuntimeContext, RuntimeDriver } from './runtimes/runtime.js';
import { Recorder } from './sensors/recorder.js';
import { runTool } from './sensors/run-tool.js';
import { threadSampler } from './sensors/sampler.js';
import { type SeatOptions, Session } from './session.js';

type BoardOpener = typeof openBoard;

export interface AgentPorts {
  readonly report: Reporter;
  readonly log: Logger;
  readonly fetch: typeof fetch;
  readonly version: string;
  /** Ends everything, also while joining. */
  readonly signal: AbortSignal;
  /** Entry of the measuring child, for tests that run from the sources. */
  readonly childScript?: string;
  /** How boards are opened; the bridge's way, but for tests. */
  readonly openBoard?: BoardOpener;
  /** How meters are opened; the product's way, but for tests. */
  readonly openMeter?: typeof openMeter;
  /** How often absent boards are looked for, ms. */
  readonly boardLookMs?: number;
}

/** How long the last results may take to be acknowledged when the agent leaves, ms. */
const farewellMs = 800;
/** How long the first hello waits for boards; what takes longer joins with a later one, ms. */
const boardsMs = 4000;

/**
 * Serves this machine until the signal aborts; resolves after everything is in the journal. Rejects with what
 * ends an agent for good: `agent.data-locked`, `join.*`, a refusal of the lab.
 */
export async function runAgent(config: AgentConfig, ports: AgentPorts): Promise<void> {
  const dir = await openDataDir(config.dataDir);
  try {
    const preparation = preparationOf(config, dir, ports.log);
    // Before anything else: a killed predecessor may have left the machine as it set it.
    await preparation.restore();
    const member = await becomeMember(config, ports);
    if (member) await serve(config, ports, dir, member, preparation);
  } finally {
    await dir.release();
  }
  ports.report({ event: 'stopped' });
}

async function serve(
  config: AgentConfig,
  ports: AgentPorts,
  dir: DataDir,
  member: Member,
  preparation: Preparation,
): Promise<void> {
  const { journal, notes } = await Journal.open(dir.journal);
  for (const reason of notes) ports.report({ event: 'degraded', reason });
  await endInterrupted(journal);
  const cache = await Cache.open(dir.cache, config.cacheLimitBytes);
  const fences = await Fences.open(join(dir.path, 'fences.json'));
  for (const { what, remedy } of await preparation.lacks()) ports.log.warn({ remedy }, what);
  const { affinity } = preparation;
  const groups = MemoryGroups.open();
  if ('why' in groups) ports.log.info({ why: groups.why }, 'the memory peaks of the kernel are no cross-check here');
  const driver = hostRuntimes(
    {
      ...runtimeContext(dir, ports),
      ...(affinity !== undefined && { affinity }),
      ...(groups instanceof MemoryGroups && { groups }),
    },
    config.runtimes,
  );
  for (const { id, why } of (await driver.survey()).lacks)
    ports.report({ event: 'runtime.missing', runtime: id, reason: why });
  const device = await describePrepared(preparation, () => describeDevice(config, driver, dir, ports), ports.signal);
  ports.report({ event: 'device', key: device.key, name: device.name, type: device.type });
  let end: (refusal: LabError | undefined) => void = () => undefined;
  const ended = new Promise<LabError | undefined>((resolve) => {
    end = resolve;
  });
  let session: Session | undefined;
  const context = runtimeContext(dir, ports);
  const bench: Bench = new Bench({
    specs: config.boards,
    labels: config.labels,
    open: ports.openBoard ?? openBoard,
    onChange: (seat) => session && tell(session, seat, context, meters),
    sendConsole: (seat, text) => {
      const deviceId = seat.key !== undefined ? session?.deviceId(seat.key) : undefined;
      if (deviceId !== undefined) link.publish('up/console', { deviceId, ...text });
    },
    sendDone: (done) => link.publish('up/console.done', done),
    quiet: () => session?.machineBusy ?? false,
    notBoards: () => meterPorts(config.meters ?? []),
    onMissing: (port, reason) => ports.report({ event: 'board.missing', port, reason }),
    log: ports.log,
    ...(ports.boardLookMs !== undefined && { lookMs: ports.boardLookMs }),
  });
  const meters = new MeterBench({
    specs: config.meters ?? [],
    ...(ports.openMeter && { open: ports.openMeter }),
    onMissing: (meter, reason) => ports.report({ event: 'meter.missing', meter, reason }),
    // Sensors are part of what a device is: the lab is told.
    onChange: (key) => {
      if (key === device.key) session?.seat(hostSeat());
      for (const seat of bench.seats) if (seat.key === key && session) tell(session, seat, context, meters);
    },
    quiet: () => session?.machineBusy ?? false,
    log: ports.log,
  });
  const hostSeat = (): SeatOptions => ({
    report: meters.reportOf(device),
    driver: meters.watch(device.key, driver),
    onMachine: true,
    recorder: () => recorderOf(device, config, meters),
    preparation,
  });
  // What is there is in the first hello; what takes longer comes with a later one.
  await Promise.race([meters.start(), pause(boardsMs, ports.signal)]);
  const connected = connect({
    config,
    ports,
    member,
    journal,
    cache,
    fences,
    seats: [hostSeat()],
    onRefused: end,
    bench,
  });
  const { link, outbox } = connected;
  session = connected.session;
  // Boards come to a session that is there, and before the first hello where they can.
  await Promise.race([bench.start(), pause(boardsMs, ports.signal)]);
  journal.onFailure = end;
  const running = link.run();
  if (ports.signal.aborted) end(undefined);
  ports.signal.addEventListener('abort', () => end(undefined), { once: true });
  const refusal = await ended;
  await session.stop();
  await bench.stop();
  await meters.stop();
  const deadline = performance.now() + farewellMs;
  while (link.up && !outbox.empty && performance.now() < deadline) await pause(20);
  outbox.stop();
  await link.stop();
  await running;
  await journal.close();
  if (refusal) throw refusal;
}

function preparationOf({ prepare, sensorRoot }: AgentConfig, dir: DataDir, log: Logger): Preparation {
  const { taskset } = capTools();
  return new Preparation({
    root: sensorRoot ?? '/',
    run: runChange,
    wanted: prepare ?? {},
    recordPath: join(dir.path, undoRecordName),
    ...(taskset !== undefined && { taskset }),
    warn: (problem) => log.warn(problem),
    clock: { now: () => performance.now(), pause },
  });
}

/** The device as its runs find it: power mode and governor are part of its type, and the floor is taken under them. */
async function describePrepared(
  preparation: Preparation,
  describe: () => Promise<DeviceReport>,
  signal: AbortSignal,
): Promise<DeviceReport> {
  if (signal.aborted) return describe();
  try {
    await preparation.set();
    const device = await describe();
    const { modes } = preparation;
    return modes.length === 0 ? device : { ...device, facts: { ...device.facts, powerModes: [...modes] } };
  } finally {
    await preparation.end();
  }
}

/** Between two rounds over the files of the sensors, ms: their chips have a new value every 7 ms to 1 s, and a round costs 1 ms to 30 ms. */
const samplingMs = 100;

/** What is read beside the runs of this machine; nothing where there is nothing to read. */
function recorderOf(
  { key, facts }: DeviceReport,
  { calibration, sensorRoot = '/' }: Pick<AgentConfig, 'calibration' | 'sensorRoot'>,
  bench: MeterBench,
): Recorder | undefined {
  const sensors = facts.sensors ?? [];
  const meters = bench.metersOf(key);
  if (sensors.length === 0 && meters.length === 0) return undefined;
  const task = { root: sensorRoot, sensors, periodMs: samplingMs, ...(calibration && { calibration }) };
  return new Recorder({ ...(sensors.length > 0 && { sampler: threadSampler(task) }), meters });
}

/** A board came, went, or its health changed: the lab is told. */
function tell(session: Session, seat: BoardSeat, context: RuntimeContext, meters: MeterBench): void {
  const report = seat.report();
  if (report) {
    const driver = drivers.get(seat) ?? runtimes.microcontroller({ ...context, board: seat });
    drivers.set(seat, driver);
    session.seat({
      report: meters.reportOf(report),
      driver: meters.watch(report.key, driver),
      onMachine: seat.emulated,
      // A board has no files of sensors: what is read beside its runs are its meters.
      recorder: () => recorderOf(report, {}, meters),
      still: (quiet) => seat.still(quiet),
    });
  } else if (seat.key !== undefined) session.unseat(seat.key);
}
const drivers = new WeakMap<BoardSeat, RuntimeDriver>();

/** A run that a killed predecessor left open is over; the lab tries it again. */
async function endInterrupted(journal: Journal): Promise<void> {
  for (const { runId, fence, batches } of await openRuns(journal.events())) {
    journal.append({
      type: 'run.ended',
      runId,
      fence,
      outcome: 'failed',
      batches,
      transferBytes: 0,
      error: { code: 'run.interrupted', message: 'the agent ended while it ran', cause: 'infrastructure' },
    });
  }
  await journal.sync();
}

function runtimeContext(dir: DataDir, ports: AgentPorts): RuntimeContext {
  return {
    workDir: dir.work,
    onChild: (pid) => noteChild(dir.path, pid),
    ...(ports.childScript && { childScript: ports.childScript }),
  };
}

/** The device this machine is, with its facts and the harness's floor on it. */
export async function describeDevice(
  config: Pick<AgentConfig, 'name' | 'labels' | 'calibration' | 'sensorRoot'>,
  driver: HostRuntimes,
  dir: Pick<DataDir, 'work'>,
  ports: Pick<AgentPorts, 'log' | 'signal'>,
): Promise<DeviceReport> {
  const { runtimes: known } = await driver.survey();
  const { facts } = await surveyFacts(
    { root: config.sensorRoot ?? '/', run: runTool, ...(config.calibration && { calibration: config.calibration }) },
    known,
  );
  // Another runtime than ONNX Runtime may take a minute to build an engine for the null model.
  const floor =
    known[0]?.name === 'onnxruntime'
      ? await measureFloor(driver, dir.work, () => new Date(), ports.signal).catch((error) => {
          ports.log.warn({ reason: String(error) }, 'the floor could not be measured');
          return undefined;
        })
      : undefined;
  return {
    key: 'host',
    name: config.name,
    kind: 'host',
    type: deviceType(facts),
    emulated: false,
    labels: config.labels,
    facts,
    ...(floor && { floor }),
  };
}

interface Parts {
  readonly config: AgentConfig;
  readonly ports: AgentPorts;
  readonly member: Member;
  readonly journal: Journal;
  readonly cache: Cache;
  readonly fences: Fences;
  readonly seats: readonly SeatOptions[];
  readonly onRefused: (error: LabError) => void;
  readonly bench: Bench;
}

/** Wires link, outbox, fetcher and session together. */
function connect(parts: Parts): { link: Link; session: Session; outbox: Outbox } {
  const { config, ports, journal, cache, fences } = parts;
  const bootId = randomUUID();
  const { identity, membership } = parts.member;
  const url = config.mqttUrl ?? `${membership.url.replace(/^http/, 'ws')}/mqtt`;
  let offsetMs = 0;
  const link: Link = new Link({
    url,
    agentId: membership.agentId,
    shard: membership.shard,
    bootId,
    password: () => identity.assertion(membership.labId, bootId, Math.floor((Date.now() + offsetMs) / 1000)),
    onRefusedLogin: async () => {
      offsetMs = (await clockOffsetMs(membership.url, ports.fetch, Date.now)) ?? offsetMs;
    },
    onUp: () => {
      ports.report({ event: 'connected', url });
      parts.bench.linkUp();
      session.linkUp();
    },
    onDown: ({ reason, retryMs, rejected }) => {
      session.linkDown();
      ports.report(
        rejected
          ? { event: 'rejected', code: 'link.rejected', retryMs, reason }
          : { event: 'disconnected', retryMs, reason },
      );
    },
    onMessage: (message) =>
      message.channel === 'down/console' ? parts.bench.type(message.payload) : session.receive(message),
    onEpoch: (epoch) => session.takeEpoch(epoch),
    random: Math.random,
    log: ports.log,
  });
  const setTimer = (run: () => void, ms: number): (() => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  };
  const outbox = new Outbox(journal, {
    publish: (batch) => link.publish('up/journal', batch),
    setTimer,
    onError: (error) => ports.log.error({ reason: String(error) }, 'the journal could not be sent'),
  });
  const fetcher = new Fetcher(cache, {
    requestBlob: (request) => link.publish('up/blob.request', request),
    requestChunks: (request) => link.publish('up/chunk.request', request),
    setTimer,
    connected: () => link.up,
    log: ports.log,
  });
  const session = new Session({
    publish: (channel, payload) => link.publish(channel, payload),
    journal,
    outbox,
    fences,
    cache,
    fetcher,
    executor: {
      agentVersion: ports.version,
      clock: { monotonic: () => performance.now(), wall: Date.now },
      ...(config.groundTruth && { groundTruth: config.groundTruth }),
    },
    seats: parts.seats,
    bootId,
    version: ports.version,
    report: ports.report,
    log: ports.log,
    onRefused: parts.onRefused,
  });
  return { link, session, outbox };
}
