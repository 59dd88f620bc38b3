import { open } from 'node:fs/promises';
import { TensorPackHeader, type TensorType } from '@hilltop/contracts';
import type { BlobStore } from '../links/blob-store.js';
import type { ModelEntity } from './model.entity.js';

/**
 * How the items that runs are reported on are stored, from the header of their pack; undefined for a model without any. What they are
 * is not looked at: nothing is chosen by them.
 */
export async function measuredItemType(blobs: BlobStore, { evaluation }: ModelEntity): Promise<TensorType | undefined> {
  if (!evaluation) return undefined;
  const handle = await open(blobs.path(evaluation.sha256), 'r');
  try {
    const { buffer: start } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    const header = Buffer.alloc(start.readUInt32LE(4));
    await handle.read(header, 0, header.length, 8);
    return TensorPackHeader.parse(JSON.parse(header.toString('utf8'))).inputs[0]!.type;
  } finally {
    await handle.close();
  }
}
