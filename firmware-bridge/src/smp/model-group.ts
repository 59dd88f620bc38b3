import {
  type ModelAnswers,
  type ModelCommand,
  type ModelRequests,
  modelAnswers,
  modelCommands,
  modelGroup,
} from '@hilltop/contracts';
import type * as z from 'zod';
import type { AskOptions } from './os-group.js';
import { type SmpClient } from './smp-client.js';
import { type UploadOptions, type UploadResult, uploadBlob } from './upload.js';

const operations = {
  info: 'read',
  upload: 'write',
  load: 'write',
  input: 'write',
  infer: 'write',
  output: 'read',
  layers: 'read',
  erase: 'write',
} as const satisfies Record<ModelCommand, 'read' | 'write'>;

const words = {
  info: 'what it is',
  upload: 'the upload of the plan',
  load: 'the loading of the plan',
  input: 'an input',
  infer: 'an inference',
  output: 'an output',
  layers: 'the ticks of a layer',
  erase: 'the erasure of the plan',
} as const satisfies Record<ModelCommand, string>;

/** One request of group 64. Throws as `SmpClient.request` does. */
export function askModel<C extends ModelCommand>(
  client: SmpClient,
  command: C,
  payload: ModelRequests[C],
  options: AskOptions = {},
): Promise<ModelAnswers[C]> {
  return client.request({
    what: words[command],
    operation: operations[command],
    group: modelGroup,
    command: modelCommands[command],
    payload,
    answer: modelAnswers[command] as unknown as z.ZodType<ModelAnswers[C]>,
    ...options,
  });
}

/** Brings a plan to the board; the same call resumes a cut one. */
export function uploadPlan(
  client: SmpClient,
  plan: Uint8Array,
  bufferBytes: number,
  options: UploadOptions = {},
): Promise<UploadResult> {
  return uploadBlob(
    client,
    { what: words.upload, group: modelGroup, command: modelCommands.upload, bufferBytes },
    plan,
    options,
  );
}
