import { type Model, Variant, type VariantPush } from '@hilltop/contracts';
import type { Terminal } from '../shell/terminal.js';
import type { LabClient } from './client.js';
import { waitForVariants } from './make-variants.js';
import { type UploadOptions, uploadFile } from './upload.js';

export interface PushVariantRequest extends UploadOptions, Omit<VariantPush, 'model' | 'artifact'> {
  /** The .onnx file. */
  readonly file: string;
  readonly model: Model;
}

/** Uploads a variant that was made elsewhere and waits until its cost and its quality are known. */
export async function pushVariant(
  client: LabClient,
  request: PushVariantRequest,
  terminal: Terminal,
): Promise<Variant> {
  const { name, description, training, model } = request;
  const artifact = await uploadFile(client, request.file, request);
  const push: VariantPush = {
    model: model.id,
    name,
    artifact,
    ...(description !== undefined && { description }),
    ...(training && { training }),
  };
  const pushed = await client.post('/api/v1/variants/elsewhere', push, Variant);
  return (await waitForVariants(client, model, [pushed], terminal))[0]!;
}
