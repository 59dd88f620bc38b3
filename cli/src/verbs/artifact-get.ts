import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LabError, Model, Variant } from '@hilltop/contracts';
import type { Context } from '../context.js';
import type { LabClient } from '../lab/client.js';
import { formatBytes } from '../text/units.js';

/** Takes a variant's artifact home, checked against its SHA-256. */
export async function artifactGet(context: Context): Promise<void> {
  const { lab, terminal, options } = context;
  const variant = await lab.get(`/api/v1/variants/${encodeURIComponent(context.positionals[0]!)}`, Variant);
  if (!variant.artifact)
    throw new LabError(
      'artifact.not-ready',
      `${variant.id} is ${variant.state}${variant.error ? `: ${variant.error.message}` : ''}`,
    );
  const name =
    options.text('output') ??
    `${(await lab.get(`/api/v1/models/${variant.modelId}`, Model)).name}-${variant.recipe}.onnx`;
  const file = resolve(terminal.cwd, name);
  await download(lab, variant.artifact.sha256, file);
  context.answer(
    { file, ...variant.artifact },
    () => `${file}: ${formatBytes(variant.artifact!.bytes)}, SHA-256 ${variant.artifact!.sha256}\n`,
  );
}

/** Downloads an artifact to a file that appears only when its hash is right. Throws `artifact.corrupt`. */
export async function download(lab: LabClient, sha256: string, file: string): Promise<void> {
  const beside = `${file}.part`;
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      done(undefined, chunk);
    },
  });
  try {
    const body = await lab.download(`/api/v1/artifacts/${sha256}`);
    await pipeline(
      Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]),
      hashing,
      createWriteStream(beside),
    );
    const got = hash.digest('hex');
    if (got !== sha256)
      throw new LabError('artifact.corrupt', `the bytes that came are not ${sha256}: try again`, {
        got,
        wanted: sha256,
      });
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
