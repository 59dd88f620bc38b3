import { createHash } from 'node:crypto';
import { chunkBytes, patchDictionaryBytes, patchSegments } from '@hilltop/contracts';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import zstd from '@toondepauw/node-zstd';
import { BlobStore } from '../links/blob-store.js';
import { type Task, WorkerPool } from '../links/worker-pool.js';
import { LOG, type Log } from '../log.js';
import { deepPatchTask, type PatchTaskInput, patchTask } from './patch-task.js';
import { RunLedger } from './run-ledger.js';
import { RunProgress } from './run-progress.js';

export interface Patch {
  readonly sha256: string;
  readonly content: Uint8Array;
  readonly artifact: string;
  /** Absent: it refers to nothing. */
  readonly base: string | undefined;
}

interface Effort {
  readonly task: Task<PatchTaskInput, Uint8Array>;
  /** zstd's. On 0.9 MB of weights here: 9 takes 30 ms, 16 takes 0.3 s and as many bytes as 19, which takes up to 0.8 s. */
  readonly level: number;
  /** While this holds nothing is made: somebody measures on this machine. */
  readonly held: () => boolean;
}

/** A patch is offered when it is at most this part of what the chunks would weigh: it costs a round trip more. */
const worthOffering = 0.8;
/** A patch beyond this part is not kept: the thorough way will not get it far enough either. */
const hopeless = 0.95;
/** A patch below this part is not made again: what is left to save is not worth the work. */
const smallEnough = 0.1;
/** Larger artifacts have no patch: at the thorough level one takes about half a second for each MB. */
const largestArtifact = 64 * 1024 * 1024;
/** All patches that are kept, bytes. They are made again when somebody asks. */
const keptBytes = 64 * 1024 * 1024;
/** Answers about pairs that are kept. */
const keptPairs = 5000;
/** Bases that are worth a whole try after a sample was compared. */
const basesTried = 2;
/** Segments after which a patch that saves nothing is given up. */
const segmentsTried = 2;
const sampleBytes = chunkBytes;
const sampleLevel = 3;

/**
 * Differences between artifacts of one model, made when an agent asks and kept in memory. First in a hurry, since a run
 * waits; then thoroughly, while nothing is measured on this machine, for those who come later.
 */
@Injectable()
export class PatchMaker implements OnApplicationShutdown {
  /** How long an agent waits for its patch, ms; what is ready later is for the next who asks. */
  patienceMs = 500;
  /** By SHA-256, least recently used first. */
  readonly #patches = new Map<string, Patch>();
  /** By artifact and base: the best patch so far; undefined where there is none worth keeping. */
  readonly #pairs = new Map<string, Promise<Patch | undefined>>();
  readonly #samples = new Map<string, Promise<number>>();
  /** What the chunks of an artifact weigh, bytes: after each of them, those up to it. */
  readonly #weights = new Map<string, Promise<readonly number[]>>();
  /** Pairs that were, or are being, done thoroughly. */
  readonly #deep = new Set<string>();
  readonly #log: Log;
  readonly #quick: Effort;
  readonly #thorough: Effort;
  #quickTurn: Promise<unknown> = Promise.resolve();
  #thoroughTurn: Promise<unknown> = Promise.resolve();
  /** Efforts that wait until nobody measures. */
  readonly #waiting = new Set<() => void>();
  #stopped = false;

  constructor(
    private readonly blobs: BlobStore,
    private readonly pool: WorkerPool,
    progress: RunProgress,
    ledger: RunLedger,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'patch-maker' });
    this.#quick = { task: patchTask, level: 9, held: () => progress.measuring };
    this.#thorough = { task: deepPatchTask, level: 16, held: () => progress.here };
    ledger.committed.listen((news) => {
      if (news.released.size > 0) this.#wake();
    });
  }

  onApplicationShutdown(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** A patch that was offered before and is still kept. */
  get(sha256: string): Patch | undefined {
    const patch = this.#patches.get(sha256);
    if (patch) this.#keep(patch);
    return patch;
  }

  /**
   * The smallest patch for an artifact: to one of `bases`, siblings that the agent has, or to nothing. Undefined when
   * none is ready in time or worth it. Never rejects.
   */
  async offer(artifact: string, bases: readonly string[]): Promise<Patch | undefined> {
    const ready = new Set<Patch>();
    const search = this.#search(artifact, bases, (patch) => ready.add(patch)).catch((error: unknown) =>
      this.#log.warn({ sha256: artifact, err: error }, 'no patch could be made'),
    );
    // While somebody measures here nothing is made: only what is ready already.
    await inTime(search, this.#quick.held() ? 0 : this.patienceMs);
    let best: Patch | undefined;
    for (const patch of ready) if (!best || patch.content.length < best.content.length) best = patch;
    if (!best || best.content.length > worthOffering * (await this.#weight(artifact)).at(-1)!) return undefined;
    return this.get(best.sha256);
  }

  /** Resolves when nothing is being made. */
  async settled(): Promise<void> {
    let turn: unknown;
    while (turn !== this.#thoroughTurn) {
      turn = this.#thoroughTurn;
      await Promise.all([this.#quickTurn, this.#thoroughTurn]);
    }
  }

  async #search(artifact: string, bases: readonly string[], found: (patch: Patch) => void): Promise<void> {
    if (this.blobs.bytes(artifact) > largestArtifact) return;
    let best: Patch | undefined;
    for (const base of [...(await this.#likely(artifact, bases)), undefined]) {
      const patch = await this.#pair(artifact, base);
      if (!patch || !this.#patches.has(patch.sha256)) continue;
      found(patch);
      if (!best || patch.content.length < best.content.length) best = patch;
    }
    if (best && best.content.length > smallEnough * (await this.#weight(artifact)).at(-1)!) this.#improve(best);
  }

  /** Bases whose bytes help with a sample from the middle of the artifact, the best first. */
  async #likely(artifact: string, bases: readonly string[]): Promise<string[]> {
    const samples = await Promise.all(
      bases
        .filter((base) => this.blobs.has(base) && this.blobs.bytes(base) <= largestArtifact)
        .map(async (base) => ({
          base,
          bytes: await once(this.#samples, `${artifact} ${base}`, () =>
            this.#inTurn(this.#quick, () => this.#sample(artifact, base)),
          ),
        })),
    );
    return samples
      .sort((a, b) => a.bytes - b.bytes)
      .slice(0, basesTried)
      .map(({ base }) => base);
  }

  async #sample(artifact: string, base: string): Promise<number> {
    const bytes = this.blobs.bytes(artifact);
    const baseBytes = this.blobs.bytes(base);
    const start = Math.max(0, Math.floor(bytes / 2) - sampleBytes / 2);
    const reach = patchDictionaryBytes / 4;
    const from = Math.min(
      Math.max(0, baseBytes - reach),
      Math.max(0, Math.floor((start / bytes) * baseBytes) + sampleBytes / 2 - reach / 2),
    );
    const target = await this.#slice(artifact, start, Math.min(bytes, start + sampleBytes));
    const dictionary = await this.#slice(base, from, Math.min(baseBytes, from + reach));
    return (await this.pool.run(patchTask, { target, dictionary, level: sampleLevel })).length;
  }

  #pair(artifact: string, base: string | undefined): Promise<Patch | undefined> {
    const key = pairKey(artifact, base);
    const known = this.#pairs.get(key);
    const make = (): Promise<Patch | undefined> =>
      once(this.#pairs, key, () => this.#inTurn(this.#quick, () => this.#make(artifact, base, this.#quick)));
    if (!known) return make();
    return known.then((patch) => {
      if (!patch || this.#patches.has(patch.sha256)) return patch;
      // It was dropped to make room.
      this.#pairs.delete(key);
      this.#deep.delete(key);
      return make();
    });
  }

  /** Makes it again thoroughly, once. */
  #improve({ artifact, base }: Patch): void {
    const key = pairKey(artifact, base);
    if (this.#deep.has(key)) return;
    if (this.#deep.size >= keptPairs) this.#deep.clear();
    this.#deep.add(key);
    void this.#inTurn(this.#thorough, async () => {
      const patch = await this.#make(artifact, base, this.#thorough);
      const before = await this.#pairs.get(key);
      if (patch && (!before || patch.content.length < before.content.length))
        this.#pairs.set(key, Promise.resolve(patch));
    }).catch((error: unknown) => this.#log.warn({ sha256: artifact, base, err: error }, 'a patch stays as it is'));
  }

  async #make(artifact: string, base: string | undefined, effort: Effort): Promise<Patch | undefined> {
    const start = performance.now();
    const weight = await this.#weight(artifact);
    const baseBytes = base === undefined ? undefined : this.blobs.bytes(base);
    const segments = patchSegments(this.blobs.bytes(artifact), baseBytes);
    const frames: Buffer[] = [];
    let size = 0;
    let plain = 0;
    for (let n = 0; n < segments.length; n++) {
      // From the middle on: both ends are less typical of a model.
      const i = (n + (segments.length >> 1)) % segments.length;
      const { start: from, end: to, dictionary: at } = segments[i]!;
      await this.#free(effort);
      const target = await this.#slice(artifact, from, to);
      const dictionary = at && base !== undefined ? await this.#slice(base, at.start, at.end) : undefined;
      const frame = await this.pool.run(effort.task, {
        target,
        level: effort.level,
        ...(dictionary && { dictionary }),
      });
      const length = Buffer.alloc(4);
      length.writeUInt32LE(frame.length);
      frames[i] = Buffer.concat([length, frame]);
      size += frames[i]!.length;
      plain += weight[Math.ceil(to / chunkBytes) - 1]! - (weight[from / chunkBytes - 1] ?? 0);
      const typical = n + 1 >= segmentsTried || n + 1 === segments.length;
      if ((typical && size > hopeless * plain) || size > keptBytes / 2) return undefined;
    }
    const content = Buffer.concat(frames);
    const patch: Patch = { sha256: createHash('sha256').update(content).digest('hex'), content, artifact, base };
    this.#keep(patch);
    this.#log.info(
      { sha256: artifact, base, bytes: size, zstd: effort.level, ms: Math.round(performance.now() - start) },
      'patch ready',
    );
    return patch;
  }

  /** What an artifact's chunks weigh, each packed for itself as they are sent. */
  #weight(artifact: string): Promise<readonly number[]> {
    return once(this.#weights, artifact, async () => {
      const bytes = this.blobs.bytes(artifact);
      const sums: number[] = [];
      for (let at = 0; at < bytes; at += chunkBytes) {
        const chunk = await this.blobs.slice(artifact, at, Math.min(bytes, at + chunkBytes));
        const packed = await new zstd.Encoder(sampleLevel).encode(chunk);
        sums.push((sums.at(-1) ?? 0) + Math.min(chunk.length, packed.length));
      }
      return sums;
    });
  }

  async #slice(sha256: string, start: number, end: number): Promise<Uint8Array> {
    return new Uint8Array(await this.blobs.slice(sha256, start, end));
  }

  #keep(patch: Patch): void {
    this.#patches.delete(patch.sha256);
    this.#patches.set(patch.sha256, patch);
    let sum = 0;
    for (const { content } of this.#patches.values()) sum += content.length;
    for (const { sha256, content } of this.#patches.values()) {
      if (sum <= keptBytes) return;
      this.#patches.delete(sha256);
      sum -= content.length;
    }
  }

  /** One after the other in each effort, so that a fleet that asks at once does not take every thread. */
  #inTurn<T>(effort: Effort, work: () => Promise<T>): Promise<T> {
    const before = effort === this.#quick ? this.#quickTurn : this.#thoroughTurn;
    const done = before.then(() => this.#free(effort)).then(work);
    const turn = done.catch(() => undefined);
    if (effort === this.#quick) this.#quickTurn = turn;
    else this.#thoroughTurn = turn;
    return done;
  }

  /** Resolves when the effort may be made; rejects when the lab stops. */
  async #free(effort: Effort): Promise<void> {
    while (!this.#stopped && effort.held()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    if (this.#stopped) throw new Error('the lab is stopping');
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }
}

const pairKey = (artifact: string, base: string | undefined): string => `${artifact} ${base ?? ''}`;

/** The value kept under `key`, made where there is none; a failure is not kept. */
function once<T>(kept: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = kept.get(key);
  if (known) return known;
  const made = make();
  kept.set(key, made);
  made.catch(() => kept.delete(key));
  const oldest = kept.keys().next();
  if (kept.size > keptPairs && !oldest.done) kept.delete(oldest.value);
  return made;
}

async function inTime(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
