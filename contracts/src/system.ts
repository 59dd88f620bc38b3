import * as z from 'zod';
import { Instant } from './names.js';

/** How the coordinator is: facts it has measured or counted itself. */
export const System = z.object({
  version: z.string(),
  node: z.string(),
  platform: z.string(),
  startedAt: Instant,
  dataDir: z.string(),
  dataBytes: z.number().int().min(0),
  diskFreeBytes: z.number().int().min(0),
  counts: z.object({
    models: z.number().int(),
    variants: z.number().int(),
    devices: z.number().int(),
    agents: z.number().int(),
    jobs: z.number().int(),
    runs: z.number().int(),
    users: z.number().int(),
  }),
  /** Whether links let guests in. */
  guests: z.boolean(),
});
export type System = z.infer<typeof System>;

export const SystemUpdate = z.strictObject({ guests: z.boolean() });
export type SystemUpdate = z.infer<typeof SystemUpdate>;
