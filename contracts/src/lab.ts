import * as z from 'zod';
import { Id } from './names.js';

/** `GET /api/v1/lab` */
export const Lab = z.object({
  id: Id,
  version: z.string(),
  epoch: z.string(),
  /** Addresses an agent or a person can use. */
  urls: z.array(z.string()),
  /** `url`: Address of an outside broker, where the lab uses one; agents connect to it instead of `path` and `port`. */
  mqtt: z.object({ port: z.number().int().optional(), path: z.string(), url: z.string().optional() }),
  agentPackage: z.string(),
});
export type Lab = z.infer<typeof Lab>;

/** Headers outside programs hold on to. */
export const headers = {
  uploadOffset: 'upload-offset',
  idempotencyKey: 'idempotency-key',
  requestId: 'x-request-id',
} as const;
