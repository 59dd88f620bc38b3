import { createHash } from 'node:crypto';
import { LabError } from '@hilltop/contracts';
import * as z from 'zod';
import { payloadBytes } from './cbor.js';
import { envelopeBytes } from './frame.js';
import { headerBytes } from './packet.js';
import { lie, type SmpClient } from './smp-client.js';

/** Buffer of a server that does not say: Zephyr's default. */
export const usualBufferBytes = 384;

export interface UploadTarget {
  /** For messages: `the upload of the plan`. */
  readonly what: string;
  readonly group: number;
  readonly command: number;
  /** Fields of the first chunk beside `off`, `len`, `sha` and `data`. */
  readonly first?: object;
  /** The server's whole buffer, as it says it: a message is 4 less. */
  readonly bufferBytes: number;
  /** A server may erase flash before it answers the first chunk. */
  readonly firstTimeoutMs?: number;
}

export interface UploadOptions {
  readonly onProgress?: ((progress: { readonly sentBytes: number; readonly totalBytes: number }) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface UploadResult {
  /** Lower-case hex. */
  readonly sha256: string;
  /** Bytes of it that were there already. */
  readonly resumedAt: number;
  /** Bytes on the wire both ways. */
  readonly wireBytes: number;
  /** How often the server had lost what it had. */
  readonly restarts: number;
}

const Answer = z.object({ off: z.number().int().min(0).max(0xffff_ffff), match: z.boolean().optional() });
/** A server that stands still, or forgets, so often will not finish. */
const patience = 3;

/**
 * Brings `data` to a server in chunks, stop and wait, going on where the server says: after a cut the same call with the same data
 * resumes. Throws as `request` does; `device.rebooted` when the server keeps losing what it had, `device.refused` with rc 9 when
 * what arrived is not what was sent.
 */
export async function uploadBlob(
  client: SmpClient,
  target: UploadTarget,
  data: Uint8Array,
  options: UploadOptions = {},
): Promise<UploadResult> {
  const sha = createHash('sha256').update(data).digest();
  const before = client.counters.bytesIn + client.counters.bytesOut;
  let resumedAt: number | undefined;
  let off = 0;
  let furthest = 0;
  let setbacks = 0;
  let restarts = 0;
  let match: boolean | undefined;
  while (off < data.length || resumedAt === undefined) {
    const fields = off === 0 ? { off, ...target.first, len: data.length, sha } : { off };
    const end = Math.min(off + chunkBytes(fields, target.bufferBytes), data.length);
    const answer = await client.request({
      what: target.what,
      operation: 'write',
      group: target.group,
      command: target.command,
      payload: { ...fields, data: data.subarray(off, end) },
      answer: Answer,
      signal: options.signal,
      ...(off === 0 && target.firstTimeoutMs !== undefined && { timeoutMs: target.firstTimeoutMs }),
    });
    match = answer.match;
    if (answer.off > data.length) throw lie(target.what, `it wants byte ${answer.off} of ${data.length}`);
    if (off > 0 && answer.off > end) throw lie(target.what, `it has ${answer.off} bytes of ${end} that were sent`);
    if (off === 0) resumedAt ??= answer.off > end ? answer.off : 0;
    if (answer.off === 0 && off > 0) {
      if (++restarts > patience) throw lost(target.what, restarts);
    } else if (answer.off <= off && ++setbacks > patience) {
      throw lie(target.what, `it does not get beyond byte ${answer.off}`);
    } else if (answer.off > furthest) {
      furthest = answer.off;
      setbacks = 0;
    }
    off = answer.off;
    options.onProgress?.({ sentBytes: off, totalBytes: data.length });
  }
  if (match === false)
    throw new LabError('device.refused', `what arrived by ${target.what} is not what was sent; try again`, {
      cause: 'infrastructure',
      rc: 9,
      group: target.group,
    });
  return {
    sha256: sha.toString('hex'),
    resumedAt: resumedAt ?? 0,
    wireBytes: client.counters.bytesIn + client.counters.bytesOut - before,
    restarts,
  };
}

/** Data bytes of a message with these fields beside them, for a server with such a buffer. */
export function chunkBytes(fields: object, bufferBytes: number): number {
  const room = bufferBytes - envelopeBytes - headerBytes;
  let data = Math.max(room, 0);
  while (data > 0 && payloadBytes(fields, data) > room) data--;
  if (data === 0)
    throw new LabError('device.protocol', `a buffer of ${bufferBytes} bytes has no room for data`, { cause: 'device' });
  return data;
}

function lost(what: string, times: number): LabError {
  return new LabError('device.rebooted', `the board lost ${what} ${times} times: it restarts in between`, {
    cause: 'device',
  });
}
