import { mkdir, readdir, readFile, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from '../absent.js';
import { syncDirectory, writeAtomic } from '../write-atomic.js';
import { type JournalRecord, scanSegment } from './record.js';

/** Segments of one journal lie in a folder named by the journal's id; a segment is named by its first record. */
export interface Segment {
  readonly path: string;
  readonly firstSeq: number;
  bytes: number;
}

export interface Recovered {
  readonly segments: Segment[];
  readonly records: ReadonlyArray<JournalRecord & { readonly segment: Segment }>;
  readonly nextSeq: number;
  /** What was lost or cut, for the report; empty after a clean end. */
  readonly notes: readonly string[];
  readonly corrupt: boolean;
}

const suffix = '.seg';

/** Reads every segment of a folder. A torn tail of the last one is cut off; other damage makes it `corrupt`. */
export async function recoverSegments(folder: string): Promise<Recovered> {
  const names = ((await readdir(folder).catch(absent)) ?? []).filter((name) => name.endsWith(suffix)).sort();
  const segments: Segment[] = [];
  const records: Array<JournalRecord & { segment: Segment }> = [];
  const notes: string[] = [];
  let nextSeq = 1;
  for (const [index, name] of names.entries()) {
    const firstSeq = Number(name.slice(0, -suffix.length));
    const path = join(folder, name);
    const scan = scanSegment(await readFile(path), firstSeq);
    const last = index === names.length - 1;
    const gap = index > 0 && firstSeq !== nextSeq;
    if (gap || scan.state === 'corrupt' || (scan.state === 'torn' && !last)) {
      return {
        segments,
        records,
        nextSeq,
        notes: [...notes, `${name} is damaged behind byte ${scan.end}`],
        corrupt: true,
      };
    }
    if (scan.state === 'torn') {
      await truncate(path, scan.end);
      notes.push(`${name} had a torn tail, cut at byte ${scan.end}`);
    }
    const segment = { path, firstSeq, bytes: scan.end };
    segments.push(segment);
    records.push(...scan.records.map((record) => ({ ...record, segment })));
    nextSeq = firstSeq + scan.records.length;
  }
  return { segments, records, nextSeq, notes, corrupt: false };
}

/** A new empty segment, durable in its folder. */
export async function createSegment(folder: string, firstSeq: number): Promise<Segment> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${String(firstSeq).padStart(16, '0')}${suffix}`);
  await writeAtomic(path, '', 0o600);
  return { path, firstSeq, bytes: 0 };
}

/** Damaged journals are kept for a look, the newest three of them. */
export async function setAside(root: string, id: string): Promise<void> {
  await rename(join(root, id), join(root, `${id}.corrupt`)).catch(absent);
  await syncDirectory(root);
  const old = (await readdir(root)).filter((name) => name.endsWith('.corrupt') && name !== `${id}.corrupt`).sort();
  for (const name of old.slice(0, Math.max(0, old.length - 2))) await rm(join(root, name), { recursive: true });
}
