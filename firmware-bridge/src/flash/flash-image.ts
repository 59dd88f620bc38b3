import { isLabError } from '@hilltop/contracts';
import type { BytePort } from '../port.js';
import { imageGroup } from '../smp/image-group.js';
import { osGroup } from '../smp/os-group.js';
import { SmpClient, type SmpClientOptions } from '../smp/smp-client.js';
import type { UploadOptions, UploadResult } from '../smp/upload.js';

/** MCUboot's serial recovery does not say how large its buffer is; this is its default. */
const mcubootBufferBytes = 1024;

/**
 * Brings a signed image to MCUboot's serial recovery, or to a running server with group 1, and restarts the board into it. The same call
 * resumes a cut upload. `bufferBytes` is for servers that do not say; throws as `SmpClient.request` does. The port stays open.
 */
export async function flashImage(
  port: BytePort,
  image: Uint8Array,
  options: UploadOptions & {
    readonly image?: number;
    readonly bufferBytes?: number;
    readonly client?: SmpClientOptions;
  } = {},
): Promise<UploadResult> {
  const client = new SmpClient(port, options.client);
  try {
    const said = options.bufferBytes ?? (await osGroup.bufferBytes(client, { unknown: mcubootBufferBytes }));
    const result = await imageGroup.upload(client, image, { ...options, bufferBytes: said });
    await bootUploaded(client);
    await osGroup.reset(client);
    return result;
  } finally {
    client.detach();
  }
}

/** A running server keeps its own image unless told to try the other once; in serial recovery none is active, and there is no choice. */
async function bootUploaded(client: SmpClient): Promise<void> {
  const images = await imageGroup.state(client).catch((error: unknown) => {
    if (isLabError(error, 'device.refused') || isLabError(error, 'device.no-answer')) return [];
    throw error;
  });
  if (!images.some((image) => image.active)) return;
  const uploaded = images.find((image) => !image.active && image.slot > 0 && !image.pending);
  if (uploaded?.hash) await imageGroup.choose(client, { hash: uploaded.hash, confirm: false });
}
