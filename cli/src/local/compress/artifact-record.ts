import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { MetricValues, Recipe, Screening, Sha256 } from '@hilltop/contracts';
import * as z from 'zod';
import { partOf, recordOf } from './plan.js';

/**
 * What lies beside a variant as JSON: what it was made from, by which recipe, and what is known of it. Tells whether the same
 * would come out again.
 */
export const ArtifactRecord = z.object({
  /** Version of hilltop that wrote it. */
  hilltop: z.string(),
  /** See `artifactId`: everything the bytes depend on. */
  artifactId: z.string(),
  sha256: Sha256,
  bytes: z.number().int(),
  model: z.object({ file: z.string(), sha256: Sha256, bytes: z.number().int() }),
  recipe: Recipe,
  steps: z.array(
    z.object({ pass: z.string(), ms: z.number(), notes: z.array(z.string()), nodesChanged: z.number().int() }),
  ),
  /** Absent until they are found. */
  metrics: MetricValues.optional(),
  screening: z.object({ validationSha256: Sha256, result: Screening }).optional(),
});
export type ArtifactRecord = z.infer<typeof ArtifactRecord>;

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The variant that lies at `file`, if it is whole and what `artifactId` says; undefined for anything else. */
export async function readArtifact(
  file: string,
  artifactId: string,
): Promise<{ record: ArtifactRecord; artifact: Uint8Array } | undefined> {
  try {
    const record = ArtifactRecord.parse(JSON.parse(await readFile(recordOf(file), 'utf8')));
    if (record.artifactId !== artifactId) return undefined;
    const artifact = await readFile(file);
    return sha256Of(artifact) === record.sha256 ? { record, artifact } : undefined;
  } catch {
    // Missing, unreadable, damaged, of another shape: made again, which tells if the folder cannot be written.
    return undefined;
  }
}

/** Writes the variant, then its record, each whole or not at all. */
export async function writeArtifact(file: string, artifact: Uint8Array, record: ArtifactRecord): Promise<void> {
  await writeWhole(file, artifact);
  await writeRecord(file, record);
}

export function writeRecord(file: string, record: ArtifactRecord): Promise<void> {
  return writeWhole(recordOf(file), `${JSON.stringify(record, undefined, 2)}\n`);
}

async function writeWhole(file: string, content: Uint8Array | string): Promise<void> {
  await writeFile(partOf(file), content);
  await rename(partOf(file), file);
}
