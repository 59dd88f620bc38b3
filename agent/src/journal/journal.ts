import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorText, JournalEntry, LabError } from '@hilltop/contracts';
import { absent } from '../absent.js';
import { cbor } from '../cbor.js';
import { writeAtomic } from '../write-atomic.js';
import { encodeRecord, recordHeaderBytes } from './record.js';
import { createSegment, recoverSegments, type Segment, setAside } from './segments.js';

export interface JournalLimits {
  readonly segmentBytes: number;
  /** Whole journal on disk. From four fifths of it no new run is taken; nothing unacknowledged is ever dropped. */
  readonly capBytes: number;
  /** Observations are made durable together, after so long or so much. */
  readonly commitMs: number;
  readonly commitBytes: number;
}

export const journalLimits: JournalLimits = {
  segmentBytes: 8 << 20,
  capBytes: 256 << 20,
  commitMs: 500,
  commitBytes: 64 << 10,
};

interface Place {
  readonly segment: Segment;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * What the coordinator has not acknowledged yet, on disk. `append` numbers an event; `sync` makes everything
 * appended durable, and comes before the act it protects. A failed sync is final: the kernel may have dropped
 * the pages, so trying again would prove nothing.
 */
export class Journal {
  /** Called whenever more records have become durable. */
  onDurable: () => void = () => undefined;
  /** Called at the first failure of the disk. */
  onFailure: (failure: LabError) => void = () => undefined;
  /** First failure of the disk; nothing is taken after it. */
  failure: LabError | undefined;
  private durable: number;
  private acknowledged: number;
  private retained = Number.POSITIVE_INFINITY;
  private pending: Uint8Array[] = [];
  private pendingBytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private queue: Promise<void> = Promise.resolve();

  private constructor(
    private readonly root: string,
    readonly limits: JournalLimits,
    public id: string,
    private segments: Segment[],
    private readonly places: Map<number, Place>,
    private next: number,
    private file: FileHandle,
  ) {
    this.durable = next - 1;
    this.acknowledged = segments[0]!.firstSeq;
  }

  /** Opens the journal of a folder, or starts one. `notes` say what a crash or damage has cost. */
  static async open(root: string, limits = journalLimits): Promise<{ journal: Journal; notes: readonly string[] }> {
    await mkdir(root, { recursive: true });
    const id = await readFile(join(root, 'current'), 'utf8').catch(absent);
    if (id === undefined) {
      const journal = await Journal.create(root, limits);
      await journal.makeCurrent();
      return { journal, notes: [] };
    }
    const found = await recoverSegments(join(root, id));
    if (found.corrupt || found.segments.length === 0) {
      await setAside(root, id);
      const journal = await Journal.create(root, limits);
      const notes = [
        `journal ${id} was damaged and is kept as ${id}.corrupt: ${found.notes.join('; ') || 'no segment is left'}`,
      ];
      journal.append({ type: 'agent.degraded', reason: notes[0]!.slice(0, 500) });
      await journal.sync();
      await journal.makeCurrent();
      return { journal, notes };
    }
    const places = new Map(
      found.records.map((r) => [
        r.seq,
        { segment: r.segment, offset: r.offset + recordHeaderBytes, bytes: r.payload.length },
      ]),
    );
    const file = await open(found.segments.at(-1)!.path, 'r+');
    return { journal: new Journal(root, limits, id, found.segments, places, found.nextSeq, file), notes: found.notes };
  }

  private static async create(root: string, limits: JournalLimits): Promise<Journal> {
    const id = randomUUID();
    const segment = await createSegment(join(root, id), 1);
    return new Journal(root, limits, id, [segment], new Map(), 1, await open(segment.path, 'r+'));
  }

  /** From now on this is the journal that is opened at a start. */
  private makeCurrent(): Promise<void> {
    return writeAtomic(join(this.root, 'current'), this.id, 0o600);
  }

  /** First record that is kept. */
  get firstSeq(): number {
    return this.acknowledged;
  }
  /** Last record that survives a crash; 0 when there is none. */
  get durableSeq(): number {
    return this.durable;
  }
  get lastSeq(): number {
    return this.next - 1;
  }
  get bytes(): number {
    return this.segments.reduce((sum, s) => sum + s.bytes, this.pendingBytes);
  }
  /** No new run is taken from here on. */
  get full(): boolean {
    return this.bytes >= 0.8 * this.limits.capBytes;
  }

  /** Numbers and buffers an event; it is durable within `commitMs`, or after `sync`. */
  append(event: JournalEntry): number {
    if (this.failure) throw this.failure;
    const record = encodeRecord(this.next, cbor.encode(event));
    this.pending.push(record);
    this.pendingBytes += record.length;
    // A failure is kept in `failure`, and the next append throws it.
    const commit = (): void => void this.sync().catch(() => undefined);
    if (this.pendingBytes >= this.limits.commitBytes) commit();
    else this.timer ??= setTimeout(commit, this.limits.commitMs);
    return this.next++;
  }

  /** Resolves when everything appended so far is durable. Rejects with `journal.full` or `journal.corrupt`. */
  sync(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const turn = this.queue.then(() => this.commit());
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  private async commit(): Promise<void> {
    if (this.failure) throw this.failure;
    if (this.pending.length === 0) return;
    const records = this.pending;
    this.pending = [];
    try {
      let active = this.segments.at(-1)!;
      if (active.bytes >= this.limits.segmentBytes) active = await this.roll(this.durable + 1);
      const data = Buffer.concat(records);
      // A disk that fills up takes a part, and says so only at the next write.
      for (let at = 0; at < data.length; ) {
        const { bytesWritten } = await this.file.write(data, at, data.length - at, active.bytes + at);
        at += bytesWritten;
      }
      await this.file.datasync();
      for (const record of records) {
        this.durable++;
        this.places.set(this.durable, {
          segment: active,
          offset: active.bytes + recordHeaderBytes,
          bytes: record.length - recordHeaderBytes,
        });
        active.bytes += record.length;
        this.pendingBytes -= record.length;
      }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      this.failure = new LabError(
        code === 'ENOSPC' || code === 'EDQUOT' ? 'journal.full' : 'journal.corrupt',
        `the journal cannot be written: ${errorText(error)}; free space in ${dirname(this.root)} and start the agent again`,
      );
      this.onFailure(this.failure);
      throw this.failure;
    }
    this.onDurable();
  }

  private async roll(firstSeq: number): Promise<Segment> {
    const segment = await createSegment(join(this.root, this.id), firstSeq);
    const before = this.file;
    this.file = await open(segment.path, 'r+');
    await before.close();
    this.segments.push(segment);
    return segment;
  }

  /** A durable, unacknowledged event. */
  async read(seq: number): Promise<JournalEntry> {
    const place = this.places.get(seq);
    if (!place) throw new LabError('journal.gap', `record ${seq} is not in the journal`);
    const file = await open(place.segment.path, 'r');
    try {
      const bytes = new Uint8Array(place.bytes);
      await file.read(bytes, 0, bytes.length, place.offset);
      return JournalEntry.parse(cbor.decode(bytes));
    } finally {
      await file.close();
    }
  }

  /** Size of a record's event, for the sender's window. */
  sizeOf(seq: number): number {
    return this.places.get(seq)?.bytes ?? 0;
  }

  /** Every kept event, acknowledged ones of the oldest segment included. */
  async *events(): AsyncGenerator<{ seq: number; event: JournalEntry }> {
    for (const seq of [...this.places.keys()]) yield { seq, event: await this.read(seq) };
  }

  /** Keeps records from `seq` on even when acknowledged: they tell after a crash what was going on. */
  retainFrom(seq: number | undefined): void {
    this.retained = seq ?? Number.POSITIVE_INFINITY;
  }

  /** Everything below `nextSeq` is safe at the coordinator. Whole segments go; the active one when it is all done. */
  async acknowledge(nextSeq: number): Promise<void> {
    this.acknowledged = Math.max(this.acknowledged, Math.min(nextSeq, this.durable + 1));
    const turn = this.queue.then(() => this.shrink());
    this.queue = turn.catch(() => undefined);
    await turn;
  }

  private async shrink(): Promise<void> {
    const keepFrom = Math.min(this.acknowledged, this.retained);
    const active = this.segments.at(-1)!;
    if (active.bytes > this.limits.segmentBytes / 8 && keepFrom === this.durable + 1 && !this.failure)
      await this.roll(this.durable + 1);
    while (this.segments.length > 1 && this.segments[1]!.firstSeq <= keepFrom) {
      const gone = this.segments.shift()!;
      for (let seq = gone.firstSeq; seq < this.segments[0]!.firstSeq; seq++) this.places.delete(seq);
      await rm(gone.path);
    }
  }

  /**
   * Starts a new journal with the unacknowledged events of this one: the coordinator and we no longer mean
   * the same records by the same numbers (a backup was restored on one side).
   */
  async renew(): Promise<void> {
    await this.sync();
    const turn = this.queue.then(() => this.replace());
    this.queue = turn.catch(() => undefined);
    await turn;
    await this.sync();
  }

  /** Nothing else is written meanwhile; what is appended meanwhile gets its number in the new journal. */
  private async replace(): Promise<void> {
    const events: JournalEntry[] = [];
    for (let seq = this.acknowledged; seq <= this.durable; seq++) events.push(await this.read(seq));
    const old = this.id;
    const fresh = await Journal.create(this.root, this.limits);
    for (const event of events) fresh.append(event);
    await fresh.sync();
    await fresh.makeCurrent();
    await this.file.close();
    Object.assign(this, {
      id: fresh.id,
      segments: fresh.segments,
      next: fresh.next,
      file: fresh.file,
      durable: fresh.durable,
      acknowledged: 1,
    });
    this.pending = this.pending.map((record) => encodeRecord(this.next++, record.subarray(recordHeaderBytes)));
    this.places.clear();
    for (const [seq, place] of fresh.places) this.places.set(seq, place);
    await rm(join(this.root, old), { recursive: true });
    this.onDurable();
  }

  async close(): Promise<void> {
    if (!this.failure) await this.sync();
    clearTimeout(this.timer);
    await this.queue;
    await this.file.close();
  }
}
