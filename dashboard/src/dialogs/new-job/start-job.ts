import type { Job, JobCreate, ModelCreate, Sha256 } from '@hilltop/contracts';
import type { Api } from '../../link/api.js';
import { type UploadProgress, uploadFile } from '../../link/upload-file.js';
import { type JobDraft, settingsOf } from './job-draft.js';
import { jobFields } from './job-options.js';
import { type FileRole, fileRoles } from './sort-files.js';

export interface StartPorts {
  readonly api: Api;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly onProgress: (role: FileRole, progress: UploadProgress) => void;
  readonly signal: AbortSignal;
  /** The same key for the same body, so that starting again after a lost answer makes nothing twice. */
  readonly keyFor: (body: unknown) => string;
}

/** Uploads what is new, makes the model, submits the job. Throws LabError; what was uploaded stays and is not sent again. */
export async function startJob(draft: JobDraft, ports: StartPorts): Promise<Job> {
  const model = draft.modelId ?? (await pushModel(draft, ports));
  const job: JobCreate = {
    model,
    recipes: [...draft.recipes],
    selector: { devices: [...draft.devices] },
    protocol: draft.protocol,
    settings: settingsOf(draft),
    ...jobFields(draft.options),
  };
  return ports.api.createJob(job, ports.keyFor(job));
}

async function pushModel(draft: JobDraft, ports: StartPorts): Promise<string> {
  const hashes: Partial<Record<FileRole, Sha256>> = {};
  for (const role of fileRoles) {
    const file = draft.files[role];
    if (file)
      hashes[role] = await uploadFile(file, { ...ports, onProgress: (progress) => ports.onProgress(role, progress) });
  }
  const { model, ...sets } = hashes;
  const wish: ModelCreate = {
    name: draft.modelName.trim(),
    model: model!,
    ...sets,
    ...(draft.metric && { metric: draft.metric }),
  };
  return (await ports.api.createModel(wish, ports.keyFor(wish))).id;
}
