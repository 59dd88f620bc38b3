import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Terminal } from '../shell/terminal.js';
import type { LabClient, Query } from './client.js';

/** Saves what the lab answers to a file that appears whole or not at all; answers its full path. */
export async function saveAnswer(
  lab: LabClient,
  { cwd }: Pick<Terminal, 'cwd'>,
  { path, query, file }: { readonly path: string; readonly query?: Query; readonly file: string },
): Promise<string> {
  const whole = resolve(cwd, file);
  const beside = `${whole}.part`;
  try {
    const body = await lab.download(path, query);
    await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(beside));
    await rename(beside, whole);
    return whole;
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** What the lab answers, as text, piece by piece as it comes. */
export async function printAnswer(
  lab: LabClient,
  { out }: Pick<Terminal, 'out'>,
  { path, query }: { readonly path: string; readonly query?: Query },
): Promise<void> {
  const decoder = new TextDecoder();
  const body = await lab.download(path, query);
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>)
    out.write(decoder.decode(chunk, { stream: true }));
  out.write(decoder.decode());
}
