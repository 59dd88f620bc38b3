import { readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { syncDirectory, writeAtomic } from '../write-atomic.js';

/** How the machine was before anything was changed: on disk before the first change, gone after the last is taken back. */
export const UndoRecord = z.object({
  /** The boot it is part: another one has set the files anew, and their numbers may mean other devices. */
  bootId: z.string().optional(),
  powerMode: z.number().int().optional(),
  /** In the order of the changes. */
  files: z.array(z.object({ path: z.string(), before: z.string() })),
});
export type UndoRecord = z.infer<typeof UndoRecord>;

/** Its name in the agent's data directory. */
export const undoRecordName = 'undo.json';

export const emptyRecord: UndoRecord = { files: [] };

/** Pure: what is known longer is nearer to the original, so it stays. */
export function mergeRecords(known: UndoRecord, more: UndoRecord): UndoRecord {
  const powerMode = known.powerMode ?? more.powerMode;
  const bootId = known.bootId ?? more.bootId;
  return {
    ...(bootId !== undefined && { bootId }),
    ...(powerMode !== undefined && { powerMode }),
    files: [...known.files, ...more.files.filter(({ path }) => !known.files.some((other) => other.path === path))],
  };
}

export const isEmpty = ({ powerMode, files }: UndoRecord): boolean => powerMode === undefined && files.length === 0;

/** `damaged`: there is one that cannot be understood; it is put aside under that name, for a person to look at. */
export async function readRecord(path: string): Promise<UndoRecord | { readonly damaged: string } | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return UndoRecord.parse(JSON.parse(text));
  } catch {
    const damaged = `${path}.damaged`;
    await rename(path, damaged);
    return { damaged };
  }
}

/** Durable when it resolves. */
export async function keepRecord(path: string, record: UndoRecord): Promise<void> {
  if (!isEmpty(record)) return writeAtomic(path, JSON.stringify(record), 0o600);
  await rm(path, { force: true });
  await syncDirectory(dirname(path));
}
