import {
  applyRecipe,
  artifactId,
  checkModel,
  createHost,
  type Host,
  referenceOf,
  type ScreeningReference,
} from '@hilltop/compression';
import { LabError, type Recipe } from '@hilltop/contracts';
import { type ArtifactRecord, readArtifact, sha256Of, writeArtifact, writeRecord } from './artifact-record.js';
import { judge } from './judge.js';
import type { CompressEvent, CompressPlan, CompressProgress, MadeVariant, PlanItem } from './plan.js';
import { type Data, readBytes, readData } from './read-data.js';
import { refusalOf, seldom } from './telling.js';

/** Passes that look at a whole set many times need minutes with a slow model; Ctrl-C ends them. */
const limits = { cpuSecondsLimit: 1800, wallMs: 3_600_000 } as const;

/** What all variants of a plan share. */
export interface Work {
  readonly plan: CompressPlan;
  readonly tell: (event: CompressEvent) => void;
  readonly signal: AbortSignal;
  readonly host: Host;
  readonly model: Uint8Array;
  readonly modelSha256: string;
  readonly calibration?: Data;
  readonly validation?: Data;
  /** What the model gives on the validation data; found when it is first needed. */
  readonly reference: () => Promise<ScreeningReference>;
}

/**
 * Makes the variants of a plan one after the other and tells of each. What a recipe is refused for is told and stops no other.
 * Throws the codes of `checkModel` and `readNpz`, `usage.invalid` for a file that cannot be read, `run.cancelled`.
 */
export async function compressWork(
  plan: CompressPlan,
  tell: (event: CompressEvent) => void,
  signal: AbortSignal,
  openHost: () => Host = () => createHost(limits),
): Promise<void> {
  const model = await readBytes(plan.model);
  const facts = checkModel(model);
  const calibration = await readData(plan.calibration, facts);
  const validation = await readData(plan.validation, facts);
  const modelSha256 = sha256Of(model);
  tell({ kind: 'model', sha256: modelSha256, bytes: model.length });
  const host = openHost();
  let reference: Promise<ScreeningReference> | undefined;
  const work: Work = {
    plan,
    tell: seldom(tell),
    signal,
    host,
    model,
    modelSha256,
    ...(calibration && { calibration }),
    ...(validation && { validation }),
    reference: () => (reference ??= referenceOf({ model, validation: validation!.pack, host, signal })),
  };
  try {
    for (const [index, item] of plan.items.entries())
      tell({ kind: 'made', index, variant: await makeVariant(work, index, item) });
  } finally {
    await host.close();
  }
}

type Tell = (progress: Pick<CompressProgress, 'doing' | 'fraction'> & { readonly done: number }) => void;

async function makeVariant(work: Work, index: number, item: PlanItem): Promise<MadeVariant> {
  const { recipe, file } = item;
  const began = performance.now();
  // The passes, the cost, and the screening where there is something to screen on.
  const steps = recipe.steps.length + 1 + (work.validation ? 1 : 0);
  const step: Tell = ({ done, ...rest }) =>
    work.tell({ kind: 'progress', progress: { index, step: done + 1, steps, ...rest } });
  try {
    const { artifact, record, reused } = await make(work, item, step);
    const ms = performance.now() - began;
    // What another version of hilltop measured is measured again.
    const before: Partial<ArtifactRecord> = record.hilltop === work.plan.version ? record : {};
    const { metrics, screening, troubles } = await judge(work, {
      recipe,
      artifact,
      before,
      begin: (doing) => step({ done: recipe.steps.length + (doing === 'cost' ? 0 : 1), doing }),
    });
    if (file !== undefined) {
      const { metrics: _metrics, screening: _screening, ...made } = record;
      // Without validation data what was screened before stays known.
      const screened = screening ? { validationSha256: work.validation!.sha256, result: screening } : before.screening;
      await writeRecord(file, {
        ...made,
        hilltop: work.plan.version,
        recipe,
        ...(troubles.length === 0 && { metrics }),
        ...(screened && { screening: screened }),
      });
    }
    return {
      recipe: recipe.name,
      ms,
      bytes: record.bytes,
      sha256: record.sha256,
      artifactId: record.artifactId,
      ...(file !== undefined && { file }),
      reused,
      unchanged: recipe.steps.length > 0 && record.steps.every(({ nodesChanged }) => nodesChanged === 0),
      metrics,
      ...(screening && { screening }),
      steps: record.steps,
      ...(troubles.length > 0 && { troubles }),
    };
  } catch (error) {
    return { recipe: recipe.name, ms: performance.now() - began, error: refusalOf(error, work.signal) };
  }
}

/** The variant as it lies there, or made and, where it goes somewhere, written at once: what follows may take long. */
async function make(
  work: Work,
  { recipe, file }: PlanItem,
  tell: Tell,
): Promise<{ artifact: Uint8Array; record: ArtifactRecord; reused: boolean }> {
  const { plan, host, model, modelSha256, calibration, validation, signal } = work;
  requireData(recipe, work);
  const id = artifactId({
    modelSha256,
    recipe,
    platform: host.platform,
    ...(calibration && { calibrationSha256: calibration.sha256 }),
    ...(validation && { validationSha256: validation.sha256 }),
  });
  const found = file === undefined ? undefined : await readArtifact(file, id);
  if (found) return { ...found, reused: true };
  const { artifact, sha256, report } = await applyRecipe({
    model,
    recipe,
    host,
    signal,
    ...(calibration && { calibration: calibration.pack }),
    ...(validation && { validation: validation.pack }),
    onProgress: ({ done, pass, fraction }) => {
      if (pass) tell({ done, doing: pass, ...(fraction !== undefined && { fraction }) });
    },
  });
  const record: ArtifactRecord = {
    hilltop: plan.version,
    artifactId: id,
    sha256,
    bytes: artifact.length,
    model: { file: plan.model, sha256: modelSha256, bytes: model.length },
    recipe,
    steps: report.steps.map((step) => ({ ...step, notes: [...step.notes] })),
  };
  if (file !== undefined) await writeArtifact(file, artifact, record);
  return { artifact, record, reused: false };
}

/** The refusal with the remedy of the command line: there is no model to push. */
function requireData(recipe: Recipe, { calibration, validation }: Work): void {
  const lacks = [
    ...(recipe.needsCalibration && !calibration ? ['calibration data: add --calib C.npz'] : []),
    ...(recipe.needsValidation && !validation ? ['validation data, to choose with: add --valid V.npz'] : []),
  ];
  if (lacks.length > 0) throw new LabError('data.missing', `needs ${lacks.join('; ')}`, { recipe: recipe.name });
}
