import { inferencesPerRequest, isLabError, LabError, type ModelRequests, modelErrors } from '@hilltop/contracts';
import type { Board, BoardInfo, InferOptions, LayerTicks, LoadedPlan, WireReport } from '../board.js';
import type { BytePort } from '../port.js';
import { realTimer, type Timer } from '../timer.js';
import { askModel, uploadPlan } from './model-group.js';
import { osGroup } from './os-group.js';
import { lie, SmpClient, type SmpClientOptions } from './smp-client.js';
import { chunkBytes, type UploadOptions, type UploadResult } from './upload.js';

export interface SmpBoardOptions extends SmpClientOptions {
  /** How long the first inference of a plan may take. */
  readonly firstInferenceTimeoutMs?: number;
  /** How long one request for inferences should take: what an abort has to wait for, and how soon a hang is seen. */
  readonly requestMs?: number;
}

/** A slow emulator at 5 million MACs takes 2 s; a real board with 250 kB of plan less. A loaded machine gets its margin. */
const firstInferenceTimeoutMs = 120_000;
const requestMs = 1000;
/** A request of known length may take so many times as long, and so much more, before it counts as hung. */
const slack = { factor: 10, ms: 5000 };
/** Verifying and checking a plan: SHA-256 over 250 kB on a Cortex-M0+ takes 1 s. */
const loadTimeoutMs = 20_000;
/** Of an answer to infer beside its output: header, n, t with one value, field names. */
const inferAnswerBytes = 40;

/** Our firmware behind a port: group 64 of SMP. Throws as `Board` says. */
export async function openSmpBoard(port: BytePort, options: SmpBoardOptions = {}): Promise<Board> {
  const client = new SmpClient(port, options);
  const board = new SmpBoard(port, client, options);
  try {
    await board.info();
  } catch (error) {
    client.detach();
    throw error;
  }
  return board;
}

class SmpBoard implements Board {
  readonly identity;
  private readonly timer: Timer;
  private known: BoardInfo | undefined;
  private loaded: LoadedPlan | undefined;
  /** Of one inference of the loaded plan, as seen from here. */
  private inferenceMs: number | undefined;

  constructor(
    private readonly port: BytePort,
    private readonly client: SmpClient,
    private readonly options: SmpBoardOptions,
  ) {
    this.identity = port.identity;
    this.timer = options.timer ?? realTimer;
  }

  async info(options: { readonly signal?: AbortSignal } = {}): Promise<BoardInfo> {
    const said = await askModel(this.client, 'info', {}, options);
    this.known = {
      board: said.board,
      firmware: said.fw,
      cpu: said.cpu,
      hz: said.hz,
      ticksKind: said.ticks,
      ramBytes: said.ram,
      bufferBytes: said.buf,
      stackBytes: said.stack,
      ...(said.plan && { loadedPlan: Buffer.from(said.plan).toString('hex') }),
      ...(said.boot !== undefined && { boot: said.boot }),
    };
    return this.known;
  }

  async upload(plan: Uint8Array, options: UploadOptions = {}): Promise<UploadResult> {
    this.forget();
    return uploadPlan(this.client, plan, this.bufferBytes(), options);
  }

  async load(sha256: string, options: { readonly signal?: AbortSignal } = {}): Promise<LoadedPlan> {
    this.forget();
    const sha = Buffer.from(sha256, 'hex');
    // No plan is there yet: a board that restarted is known by its count of starts alone.
    const said = await this.watched(undefined, () =>
      askModel(this.client, 'load', { sha }, { timeoutMs: loadTimeoutMs, ...options }),
    );
    this.loaded = {
      sha256,
      arenaBytes: said.arena,
      planBytes: said.plan,
      layers: said.ops,
      inputBytes: said.in,
      outputBytes: said.out,
    };
    const info = await this.info(options);
    if (info.loadedPlan !== sha256)
      throw lie('the loading of the plan', 'it says it is loaded and has another or none');
    const { arenaBytes, planBytes, inputBytes, outputBytes } = this.loaded;
    if (arenaBytes + planBytes > info.ramBytes || Math.max(inputBytes, outputBytes) > arenaBytes)
      throw lie(
        'the loading of the plan',
        `plan ${planBytes}, arena ${arenaBytes}, input ${inputBytes}, output ${outputBytes} in ${info.ramBytes} bytes`,
      );
    return this.loaded;
  }

  infer(options: InferOptions): Promise<Uint32Array> {
    return this.guarded(async () => {
      const ticks = new Uint32Array(options.inferences);
      let warm = options.warmUp ?? 0;
      for (let done = 0; done < options.inferences; ) {
        // A request of only one inference shows how long it takes; warm-ups have no request of their own, so they count too.
        const most = this.perRequest();
        const warmNow = Math.min(warm, most - 1);
        warm -= warmNow;
        const n = Math.max(1, warm > 0 ? 1 : Math.min(most - warmNow, options.inferences - done));
        const answer = await this.inferOnce({ n, warm: warmNow }, options.signal);
        // While warm-ups are left, the timed inference that a request must have is one of them.
        if (warm > 0) {
          warm -= 1;
          continue;
        }
        ticks.set(answer.ticks, done);
        done += n;
        options.onTicks?.(answer.ticks);
      }
      return ticks;
    });
  }

  runItem(
    input: Uint8Array,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<{ readonly output: Uint8Array; readonly ticks: number }> {
    return this.guarded(async () => {
      const { inputBytes, outputBytes } = this.plan();
      if (input.length !== inputBytes)
        throw new LabError('run.model-rejected', `an input of ${input.length} bytes for one of ${inputBytes}`, {
          cause: 'user',
        });
      const buffer = this.bufferBytes();
      const inline = input.length <= chunkBytes({ n: 1, warm: 0, out: true }, buffer);
      const outInline = outputBytes + inferAnswerBytes <= buffer - 4;
      if (!inline) await this.writeInput(input, options.signal);
      const { ticks, out } = await this.inferOnce(
        { n: 1, warm: 0, ...(inline && { data: input }), ...(outInline && { out: true }) },
        options.signal,
      );
      if (!outInline) return { output: await this.readOutput(outputBytes, options.signal), ticks: ticks[0]! };
      if (out?.length !== outputBytes)
        throw lie('an inference', `an output of ${out?.length ?? 0} bytes of ${outputBytes}`);
      return { output: out, ticks: ticks[0]! };
    });
  }

  layers(options: { readonly signal?: AbortSignal } = {}): Promise<readonly LayerTicks[]> {
    return this.guarded(async () => {
      const count = this.plan().layers;
      await this.inferOnce({ n: 1, warm: 0, layers: true }, options.signal);
      const out: LayerTicks[] = [];
      for (let i = 0; i < count; i++) {
        const said = await askModel(this.client, 'layers', { i }, options);
        if (said.i !== i || said.n !== count) throw lie('the ticks of a layer', `layer ${said.i} of ${said.n}`);
        out.push({ layer: i, op: said.op, ticks: said.ticks, macs: said.macs });
      }
      return out;
    });
  }

  async erase(): Promise<void> {
    this.forget();
    await askModel(this.client, 'erase', {});
  }

  async reset(): Promise<void> {
    this.forget();
    await osGroup.reset(this.client);
  }

  onConsole(listener: (text: string) => void): () => void {
    const decoder = new TextDecoder();
    return this.client.onText((bytes) => {
      const text = decoder.decode(bytes, { stream: true });
      if (text !== '') listener(text);
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.client.write(bytes);
  }

  onClose(listener: (reason: Error | undefined) => void): () => void {
    return this.port.onClose(listener);
  }

  wire(): WireReport {
    const { counters } = this.client;
    return {
      requests: counters.requests,
      retries: counters.retries,
      lateAnswers: counters.late,
      duplicateAnswers: counters.duplicate,
      unmatchedPackets: counters.unmatched,
      bytesOut: counters.bytesOut,
      bytesIn: counters.bytesIn,
      discarded: Object.values(counters.discarded).reduce((sum, n) => sum + n, 0),
      discardedBytes: counters.discardedBytes,
    };
  }

  close(): Promise<void> {
    return this.port.close();
  }

  private async inferOnce(
    request: ModelRequests['infer'],
    signal: AbortSignal | undefined,
  ): Promise<{ readonly ticks: Uint32Array; readonly out: Uint8Array | undefined }> {
    const inferences = request.n + request.warm;
    const timeoutMs =
      this.inferenceMs === undefined
        ? (this.options.firstInferenceTimeoutMs ?? firstInferenceTimeoutMs) * inferences
        : this.inferenceMs * inferences * slack.factor + slack.ms;
    const started = this.timer.now();
    const said = await askModel(this.client, 'infer', request, { timeoutMs, attempts: 2, signal });
    this.inferenceMs = Math.max((this.timer.now() - started) / inferences, 0.01);
    if (said.n !== request.n || said.t.length !== 4 * request.n)
      throw lie('an inference', `${said.t.length} bytes of ticks for ${said.n} of ${request.n} inferences`);
    const view = new DataView(said.t.buffer, said.t.byteOffset, said.t.byteLength);
    return { ticks: Uint32Array.from({ length: request.n }, (_, i) => view.getUint32(i * 4, true)), out: said.out };
  }

  /** Inferences that one request may hold: one until it is known how long they take. */
  private perRequest(): number {
    if (this.inferenceMs === undefined) return 1;
    const byTime = Math.floor((this.options.requestMs ?? requestMs) / this.inferenceMs);
    // Ticks are 4 bytes each; the answer must fit into the board's buffer.
    const byBuffer = Math.floor((this.bufferBytes() - 4 - inferAnswerBytes) / 4);
    return Math.max(1, Math.min(byTime, byBuffer, inferencesPerRequest));
  }

  private async writeInput(input: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    for (let off = 0; off < input.length; ) {
      const end = Math.min(off + chunkBytes({ off }, this.bufferBytes()), input.length);
      const said = await askModel(this.client, 'input', { off, data: input.subarray(off, end) }, { signal });
      if (said.off !== end) throw lie('an input', `it has ${said.off} bytes of ${end}`);
      off = end;
    }
  }

  private async readOutput(bytes: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const out = new Uint8Array(bytes);
    for (let off = 0; off < bytes; ) {
      const said = await askModel(this.client, 'output', { off }, { signal });
      if (said.off !== off || said.len !== bytes || said.data.length === 0 || off + said.data.length > bytes)
        throw lie('an output', `${said.data.length} bytes at ${said.off} of ${said.len}, not at ${off} of ${bytes}`);
      out.set(said.data, off);
      off += said.data.length;
    }
    return out;
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    return this.watched(this.plan().sha256, work);
  }

  /** Tells a board that restarted, or hangs, from one that refuses: it is asked what it still has. */
  private async watched<T>(plan: string | undefined, work: () => Promise<T>): Promise<T> {
    const bootBefore = this.known?.boot;
    try {
      return await work();
    } catch (error) {
      const stateless =
        isLabError(error, 'device.refused') &&
        (error.details.rc === modelErrors.noEntry || error.details.rc === modelErrors.badState);
      if (!stateless && !isLabError(error, 'device.no-answer') && !isLabError(error, 'device.protocol')) throw error;
      // One that does not answer that either hangs: the first error says so.
      const info = await this.info().catch(() => undefined);
      if (info && ((plan !== undefined && info.loadedPlan !== plan) || info.boot !== bootBefore)) {
        this.forget();
        throw new LabError(
          'device.rebooted',
          'the board restarted and lost its plan; watch its console, its supply or its watchdog may be the reason',
          { cause: 'device' },
          { cause: error },
        );
      }
      throw error;
    }
  }

  private plan(): LoadedPlan {
    if (!this.loaded)
      throw new LabError('device.refused', 'no plan is loaded; call load first', { cause: 'infrastructure' });
    return this.loaded;
  }

  private forget(): void {
    this.loaded = undefined;
    this.inferenceMs = undefined;
  }

  private bufferBytes(): number {
    return this.known!.bufferBytes;
  }
}
