import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { planToC } from '@hilltop/compression';
import { CompiledPlan, LabError, Model, PlanDocument, Variant } from '@hilltop/contracts';
import type { Context } from '../context.js';
import type { LabClient } from '../lab/client.js';
import { memorySvg } from '../text/memory-svg.js';
import { formatBytes } from '../text/units.js';

const formats = ['onnx', 'plan', 'c', 'svg'] as const;

/** Takes a variant home, checked against its SHA-256: as ONNX, as the plan for microcontrollers, as that in C, or its memory as a picture. */
export async function artifactGet(context: Context): Promise<void> {
  const { lab, terminal, options } = context;
  const format = options.choice('format', formats) ?? 'onnx';
  const variant = await lab.get(`/api/v1/variants/${encodeURIComponent(context.positionals[0]!)}`, Variant);
  if (!variant.artifact)
    throw new LabError(
      'artifact.not-ready',
      `${variant.id} is ${variant.state}${variant.error ? `: ${variant.error.message}` : ''}`,
    );
  if (variant.firmware)
    throw new LabError(
      'artifact.missing',
      `${variant.recipe} is in the firmware of ${variant.firmware.name}: nobody has its file`,
    );
  const model = await lab.get(`/api/v1/models/${variant.modelId}`, Model);
  const name = `${model.name}-${variant.recipe}`;
  const file = resolve(terminal.cwd, options.text('output') ?? `${name}.${format}`);
  const planPath = `/api/v1/variants/${variant.id}/plan`;
  const plan = format === 'onnx' ? undefined : await lab.get(planPath, PlanDocument);
  const artifact = plan ?? variant.artifact;
  if (plan && format === 'svg') await writeFile(file, memorySvg(plan.memory, name));
  else if (plan && format === 'c') await writeSource(lab, name, plan, file);
  else await download(lab, artifact.sha256, file);
  context.answer({ file, format, ...(plan ? CompiledPlan.parse(plan) : artifact) }, () => {
    const arena = plan ? `, ${formatBytes(plan.arenaBytes)} of arena` : '';
    return `${file}: ${formatBytes(artifact.bytes)}${arena}, SHA-256 ${artifact.sha256}\n`;
  });
}

/** A plan as a C file that appears whole or not at all. Throws `artifact.corrupt`. */
async function writeSource(lab: LabClient, name: string, plan: CompiledPlan, file: string): Promise<void> {
  const beside = `${file}.plan`;
  try {
    await download(lab, plan.sha256, beside);
    await writeFile(`${file}.part`, planToC(await readFile(beside), name));
    await rename(`${file}.part`, file);
  } finally {
    await rm(beside, { force: true });
    await rm(`${file}.part`, { force: true });
  }
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
