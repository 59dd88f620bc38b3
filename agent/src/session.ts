import { loadavg } from 'node:os';
import {
  type DeviceReport,
  errorText,
  type Heartbeat,
  type Hello,
  heartbeatMs,
  LabError,
  type Live,
  type RunStart,
  type Welcome,
  wireProtocol,
} from '@hilltop/contracts';
import type { Logger } from 'pino';
import { Turnstile } from './boards/turnstile.js';
import type { Cache } from './cache.js';
import type { Fences } from './fences.js';
import type { Fetcher } from './fetcher.js';
import type { Journal } from './journal/journal.js';
import type { Outbox } from './journal/outbox.js';
import { hottestZone } from './kernel-counters.js';
import type { Incoming, Link } from './link.js';
import { pause } from './pause.js';
import type { Reporter } from './reporter.js';
import { type ExecutedDevice, type ExecutorPorts, executeRun } from './run-executor.js';
import { runErrorOf, runFailure } from './runtimes/outcome.js';
import type { RuntimeDriver } from './runtimes/runtime.js';
import type { Recorder } from './sensors/recorder.js';

export interface SessionPorts {
  readonly publish: Link['publish'];
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly fences: Fences;
  readonly cache: Cache;
  readonly fetcher: Fetcher;
  readonly executor: Omit<ExecutorPorts, 'journal' | 'cache' | 'fetcher' | 'sendLive' | 'log'>;
  readonly seats: readonly SeatOptions[];
  readonly bootId: string;
  readonly version: string;
  readonly report: Reporter;
  readonly log: Logger;
  /** The lab turned us away for good. */
  readonly onRefused: (error: LabError) => void;
}

interface Held {
  readonly start: RunStart;
  readonly abort: AbortController;
  readonly firstSeq: number;
  readonly done: Promise<void>;
}

/** A device of this agent. */
export interface SeatOptions {
  readonly report: DeviceReport;
  readonly driver: RuntimeDriver;
  /** It computes on this machine: the machine itself and emulated boards. Such devices run one at a time. */
  readonly onMachine: boolean;
  /** What is read beside its runs. */
  readonly recorder?: () => Recorder | undefined;
  /** Sets the machine up for each run. */
  readonly preparation?: ExecutedDevice['preparation'];
  /** Lets the device rest, or go on, while another one on this machine has its turn. */
  readonly still?: (quiet: boolean) => Promise<void>;
}

/** A device's seat: its turn-taking and what the lab calls it. It stays when its board goes away, for the board to come back. */
interface Seat extends SeatOptions {
  here: boolean;
  report: DeviceReport;
  deviceId?: string;
  turn: Promise<void>;
}

const welcomeTimeoutMs = 10_000;
/** How often a run that waits for room in the journal looks for it. */
const roomCheckMs = 1000;

/** The conversation with the coordinator: hello and welcome, heartbeats, starting and cancelling runs. */
export class Session {
  private readonly seats = new Map<string, Seat>();
  private readonly machine = new Turnstile();
  private readonly held = new Map<string, Held>();
  private epoch: string | undefined;
  private up = false;
  private stopping = false;
  private helloTimer: NodeJS.Timeout | undefined;
  private heartbeatTimer: NodeJS.Timeout | undefined;
  private starts: Promise<void> = Promise.resolve();

  constructor(private readonly ports: SessionPorts) {
    for (const seat of ports.seats) this.place(seat);
    this.scheduleBeat();
  }

  /** Something on this machine is being executed. */
  get machineBusy(): boolean {
    return this.machine.holder !== undefined;
  }

  /** A device came, or says something new about itself: the lab hears of it at once. */
  seat(options: SeatOptions): void {
    this.place(options);
    const { key, name, type } = options.report;
    this.ports.report({ event: 'device', key, name, type });
    if (this.up) this.sayHello();
  }

  /** A device went away; what it executes ends by itself, and the lab gives it nothing more. */
  unseat(key: string): void {
    const seat = this.seats.get(key);
    if (!seat?.here) return;
    seat.here = false;
    this.ports.report({ event: 'device.gone', key, name: seat.report.name });
    if (this.up) this.sayHello();
  }

  /** What the lab calls a device; undefined before it said so. */
  deviceId(key: string): string | undefined {
    return this.seats.get(key)?.deviceId;
  }

  private place(options: SeatOptions): void {
    const known = this.seats.get(options.report.key);
    if (known) Object.assign(known, options, { here: true });
    else this.seats.set(options.report.key, { ...options, here: true, turn: Promise.resolve() });
  }

  linkUp(): void {
    this.up = true;
    this.sayHello();
  }

  linkDown(): void {
    this.up = false;
    // The next to answer may be an older coordinator.
    this.ports.fetcher.patches = false;
    clearTimeout(this.helloTimer);
    this.ports.outbox.stop();
  }

  /** A new epoch means the coordinator has started anew; the first one is just learned. */
  takeEpoch(epoch: string): void {
    const before = this.epoch;
    this.epoch = epoch;
    if (before !== undefined && before !== epoch && this.up) this.sayHello();
  }

  receive(message: Incoming): void {
    switch (message.channel) {
      case 'down/welcome':
        this.background(this.takeWelcome(message.payload));
        break;
      case 'down/ack':
        this.background(this.takeAck(message.payload));
        break;
      case 'down/nack':
        this.background(this.takeNack(message.payload));
        break;
      case 'down/run.start':
        // One at a time, so that two starts cannot both pass the fence.
        this.starts = this.starts.then(() => this.takeStart(message.payload)).catch((error) => this.fail(error));
        break;
      case 'down/run.cancel': {
        const { runId, fence, reason } = message.payload;
        // Behind its start, which may still be waiting for the disk.
        this.starts = this.starts.then(() => this.cancel(runId, fence, reason));
        break;
      }
      case 'down/refused':
        this.takeRefusal(message.payload);
        break;
      case 'down/blob.manifest':
      case 'down/chunk':
        this.ports.fetcher.receive(message);
        break;
      default:
        this.ports.log.warn({ channel: message.channel }, 'a channel that only agents speak on');
    }
  }

  /** Ends what runs, as interrupted; resolves when it is in the journal. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.heartbeatTimer);
    clearTimeout(this.helloTimer);
    const interrupted = runFailure('run.interrupted', 'infrastructure', 'the agent was stopped while it ran');
    for (const run of this.held.values()) run.abort.abort(interrupted);
    await Promise.all([...this.held.values()].map((run) => run.done));
  }

  private sayHello(): void {
    const { journal, fences, cache } = this.ports;
    const hello: Hello = {
      protocol: wireProtocol,
      version: this.ports.version,
      bootId: this.ports.bootId,
      journalId: journal.id,
      firstSeq: journal.firstSeq,
      lastSeq: journal.lastSeq,
      running: this.running(),
      maxFence: fences.all(),
      devices: [...this.seats.values()].filter((seat) => seat.here).map((seat) => seat.report),
      cache: { count: cache.count, bytes: cache.bytes },
    };
    clearTimeout(this.helloTimer);
    this.helloTimer = setTimeout(() => this.up && this.sayHello(), welcomeTimeoutMs);
    this.ports.publish('up/hello', hello);
  }

  private async takeWelcome(welcome: Welcome): Promise<void> {
    const { journal, outbox } = this.ports;
    if (welcome.bootId !== this.ports.bootId || welcome.journalId !== journal.id) return;
    clearTimeout(this.helloTimer);
    this.epoch = welcome.epoch;
    this.ports.fetcher.patches = welcome.patches === true;
    for (const { key, deviceId } of welcome.devices) {
      const seat = this.seats.get(key);
      if (seat && seat.deviceId !== deviceId) {
        seat.deviceId = deviceId;
        this.ports.report({ event: 'device', key, name: seat.report.name, type: seat.report.type, deviceId });
      }
    }
    for (const run of welcome.abort) this.cancel(run.runId, run.fence, run.reason);
    if (welcome.nextSeq < journal.firstSeq || welcome.nextSeq > journal.lastSeq + 1) {
      return this.renewJournal(
        `the lab expects record ${welcome.nextSeq}, the journal holds ${journal.firstSeq} to ${journal.lastSeq}: one side was restored`,
      );
    }
    await journal.acknowledge(welcome.nextSeq);
    outbox.start(Math.max(welcome.nextSeq, journal.firstSeq));
    this.ports.fetcher.resume();
    this.beat();
  }

  private async takeAck(ack: { journalId: string; nextSeq: number }): Promise<void> {
    if (ack.journalId === this.ports.journal.id) await this.ports.outbox.acknowledge(ack.nextSeq);
  }

  private async takeNack(nack: { journalId: string; expect: number }): Promise<void> {
    const { journal, outbox } = this.ports;
    if (nack.journalId !== journal.id) return;
    if (nack.expect < journal.firstSeq)
      return this.renewJournal(`the lab asks for record ${nack.expect}, which it had acknowledged`);
    outbox.start(Math.min(nack.expect, journal.durableSeq + 1));
  }

  private async renewJournal(reason: string): Promise<void> {
    this.ports.report({ event: 'degraded', reason });
    this.ports.outbox.stop();
    await this.ports.journal.renew();
    this.sayHello();
  }

  private takeRefusal(refusal: { code: string; message: string; retryAfterMs?: number | undefined }): void {
    this.ports.report({ event: 'refused', code: refusal.code, message: refusal.message });
    clearTimeout(this.helloTimer);
    if (refusal.retryAfterMs === undefined)
      this.ports.onRefused(new LabError('link.rejected', refusal.message, { code: refusal.code }));
    else this.helloTimer = setTimeout(() => this.up && this.sayHello(), refusal.retryAfterMs);
  }

  private async takeStart(start: RunStart): Promise<void> {
    const seat = this.seats.get(start.deviceKey);
    const { journal, fences, log } = this.ports;
    const held = this.held.get(start.runId);
    if (held && held.start.fence >= start.fence) return;
    if (!seat)
      return log.warn({ runId: start.runId, device: start.deviceKey }, 'a start for a device that is not here');
    if (!(await fences.raise(start.deviceId, start.fence))) {
      return log.warn(
        { runId: start.runId, fence: start.fence, code: 'claim.stale-fence' },
        'a start that is not newer than the last one',
      );
    }
    if (this.stopping) return;
    // The lab has given up the older attempt; the newer one waits for its end.
    held?.abort.abort(new LabError('run.cancelled', 'the lab started a newer attempt', { cause: 'infrastructure' }));
    const abort = new AbortController();
    const turn = seat.turn.then(() => this.carryOut(start, seat, abort.signal));
    seat.turn = turn.catch((error) => this.fail(error));
    this.held.set(start.runId, { start, abort, firstSeq: journal.lastSeq + 1, done: seat.turn });
    this.retain();
    this.scheduleBeat();
  }

  private async carryOut(start: RunStart, seat: Seat, signal: AbortSignal): Promise<void> {
    const { ports } = this;
    const { runId, attempt } = start;
    const log = ports.log.child({ jobId: start.jobId, runId, attempt });
    try {
      // Its claim is renewed meanwhile: refusing would use up the run's attempts in no time.
      while (ports.journal.full && !signal.aborted) await pause(roomCheckMs, signal);
      ports.report({ event: 'run.started', runId, attempt });
      const leave = await this.enter(seat, log, signal);
      const device: ExecutedDevice = {
        ...seat.report,
        driver: seat.driver,
        ...(seat.recorder && { recorder: seat.recorder }),
        ...(seat.preparation && { preparation: seat.preparation }),
      };
      const ended = await executeRun(
        start,
        device,
        {
          ...ports.executor,
          journal: ports.journal,
          cache: ports.cache,
          fetcher: ports.fetcher,
          log,
          sendLive: (live: Live) => ports.publish('up/live', live),
        },
        signal,
      ).finally(() => leave());
      const { error } = ended;
      log.info({ outcome: ended.outcome, code: error?.code }, 'run ended');
      ports.report({
        event: 'run.ended',
        runId,
        outcome: ended.outcome,
        ...(error && { code: error.code, message: error.message }),
      });
    } finally {
      if (this.held.get(runId)?.start === start) this.held.delete(runId);
      this.retain();
    }
  }

  /** Waits for this machine, where the device computes on it; resolves with the way to leave it. */
  private async enter(seat: Seat, log: Logger, signal: AbortSignal): Promise<() => unknown> {
    if (!seat.onMachine) return () => undefined;
    const { holder } = this.machine;
    if (holder !== undefined)
      log.info(
        { device: seat.report.key, waitsFor: holder },
        'waits: this machine and the boards it emulates are measured one at a time',
      );
    const leave = await this.machine.take(seat.report.key, signal);
    if (signal.aborted) return leave;
    const others = [...this.seats.values()].filter((other) => other !== seat && other.onMachine);
    await Promise.all(others.map((other) => other.still?.(true)));
    return async () => {
      await Promise.all(others.map((other) => other.still?.(false)));
      leave();
    };
  }

  private cancel(runId: string, fence: number, reason: string): void {
    const run = this.held.get(runId);
    if (run && run.start.fence === fence) run.abort.abort(new LabError('run.cancelled', reason, { cause: 'user' }));
  }

  /** Records of held runs stay in the journal although acknowledged, for the one who starts after a crash. */
  private retain(): void {
    const first = Math.min(...[...this.held.values()].map((run) => run.firstSeq));
    this.ports.journal.retainFrom(Number.isFinite(first) ? first : undefined);
  }

  private running(): Array<{ runId: string; fence: number }> {
    return [...this.held.values()].map(({ start }) => ({ runId: start.runId, fence: start.fence }));
  }

  /** Claims are renewed every third of their life; without one, every 10 s. */
  private scheduleBeat(): void {
    clearTimeout(this.heartbeatTimer);
    const shortest = Math.min(heartbeatMs, ...[...this.held.values()].map(({ start }) => start.ttlMs / 3));
    this.heartbeatTimer = setTimeout(() => {
      this.beat();
      this.scheduleBeat();
    }, shortest);
  }

  private beat(): void {
    if (!this.up) return;
    const temperatureC = hottestZone();
    // Load and temperature are this machine's, and nothing of a board's.
    const own = { loadAverage: loadavg()[0]!, ...(Number.isFinite(temperatureC) && { temperatureC }) };
    const devices: Heartbeat['devices'] = [...this.seats.values()].flatMap(({ deviceId, here, report }) =>
      deviceId === undefined || !here ? [] : [{ deviceId, ...(report.kind === 'host' && own) }],
    );
    this.ports.publish('up/heartbeat', { bootId: this.ports.bootId, renew: this.running(), devices });
  }

  private background(work: Promise<void>): void {
    work.catch((error) => this.fail(error));
  }

  private fail(error: unknown): void {
    this.ports.log.error({ ...runErrorOf(error) }, errorText(error));
    this.ports.report({ event: 'degraded', reason: errorText(error) });
  }
}
