import * as z from 'zod';
import type { SmpClient } from './smp-client.js';
import { type UploadOptions, type UploadResult, uploadBlob } from './upload.js';

const group = 1;
const bytes = z.custom<Uint8Array>((v) => v instanceof Uint8Array, 'must be bytes');
const flag = z.boolean().optional();

/** One firmware in a slot; MCUboot leaves out most. */
const Image = z.object({
  image: z.number().int().optional(),
  slot: z.number().int(),
  version: z.string().max(64).optional(),
  hash: bytes.optional(),
  bootable: flag,
  pending: flag,
  confirmed: flag,
  active: flag,
  permanent: flag,
});
export type SmpImage = z.infer<typeof Image>;
const State = z.object({ images: z.array(Image).max(16) });

/** Erasing a slot of 1 MB before the first answer takes a while: 20 s at the slowest flash we know. */
const eraseTimeoutMs = 30_000;

/** Group 1: firmware images, as Zephyr and MCUboot's serial recovery have them. */
export const imageGroup = {
  state: async (client: SmpClient): Promise<readonly SmpImage[]> =>
    (
      await client.request({
        what: 'the state of its images',
        operation: 'read',
        group,
        command: 0,
        payload: {},
        answer: State,
      })
    ).images,

  /** Boots the image of that hash next time (for good with `confirm`); without a hash, keeps the running one. */
  choose: async (
    client: SmpClient,
    choice: { readonly hash?: Uint8Array; readonly confirm: boolean },
  ): Promise<readonly SmpImage[]> =>
    (
      await client.request({
        what: 'the choice of an image',
        operation: 'write',
        group,
        command: 0,
        payload: choice,
        answer: State,
      })
    ).images,

  /** Brings an image into the free slot of `image`; the same call resumes a cut one. */
  upload: (
    client: SmpClient,
    data: Uint8Array,
    options: UploadOptions & { readonly image?: number; readonly bufferBytes: number },
  ): Promise<UploadResult> =>
    uploadBlob(
      client,
      {
        what: 'the upload of a firmware',
        group,
        command: 1,
        first: { image: options.image ?? 0 },
        bufferBytes: options.bufferBytes,
        firstTimeoutMs: eraseTimeoutMs,
      },
      data,
      options,
    ),
};
