import { Model, type ModelCreate } from '@hilltop/contracts';
import type { LabClient } from './client.js';
import { type UploadOptions, uploadFile } from './upload.js';

export interface PushRequest extends UploadOptions {
  /** The .onnx file, then .npz files. */
  readonly file: string;
  readonly name: string;
  readonly evaluation?: string;
  readonly validation?: string;
  readonly calibration?: string;
  readonly metric?: ModelCreate['metric'];
  readonly shapes?: ModelCreate['shapes'];
  readonly training?: ModelCreate['training'];
}

/** Uploads the files one after the other and registers the model. */
export async function pushModel(client: LabClient, request: PushRequest): Promise<Model> {
  const optional = async (file: string | undefined): Promise<string | undefined> =>
    file ? uploadFile(client, file, request) : undefined;
  const model = await uploadFile(client, request.file, request);
  const evaluation = await optional(request.evaluation);
  const validation = await optional(request.validation);
  const calibration = await optional(request.calibration);
  const create: ModelCreate = {
    name: request.name,
    model,
    ...(evaluation && { evaluation }),
    ...(validation && { validation }),
    ...(calibration && { calibration }),
    ...(request.metric && { metric: request.metric }),
    ...(request.shapes && { shapes: request.shapes }),
    ...(request.training && { training: request.training }),
  };
  return client.post('/api/v1/models', create, Model);
}
