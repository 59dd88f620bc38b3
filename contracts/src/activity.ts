import * as z from 'zod';
import { LeaseParty } from './lease.js';
import { Instant, PageQuery } from './names.js';

/** What can be done to what; `link`: where the page shows it. */
export interface ActivityRow {
  /** Past tense: `submitted a job`. */
  readonly did: string;
  readonly object: string;
  /** Page of the object, by its id. */
  readonly link?: (id: string) => string;
}

const job = { object: 'job', link: (id: string) => `/jobs/${id}` };
const device = { object: 'device', link: (id: string) => `/devices/${id}` };
const model = { object: 'model', link: (id: string) => `/models/${id}` };
const sweep = { object: 'sweep', link: (id: string) => `/sweeps/${id}` };
const gate = { object: 'gate', link: (id: string) => `/gates/${id}` };
const schedule = { object: 'schedule', link: (id: string) => `/schedules/${id}` };
const lease = { object: 'reservation', link: () => '/reservations' };

/** Mutating route -> what it means to people. A test holds every route of the lab to be here or in `unremarkable`. */
export const activities: Readonly<Record<string, ActivityRow>> = {
  'POST /api/v1/users': { did: 'added a user', object: 'user' },
  'PATCH /api/v1/users/:id': { did: 'changed a user', object: 'user' },
  'DELETE /api/v1/users/:id': { did: 'removed a user', object: 'user' },
  'POST /api/v1/invitations': { did: 'invited guests', object: 'invitation' },
  'DELETE /api/v1/invitations/:id': { did: 'ended an invitation', object: 'invitation' },
  'PATCH /api/v1/system': { did: 'changed the lab', object: 'lab' },
  'POST /api/v1/tokens': { did: 'made a token', object: 'token' },
  'DELETE /api/v1/tokens/:id': { did: 'revoked a token', object: 'token' },
  'POST /api/v1/models': { did: 'pushed a model', ...model },
  'DELETE /api/v1/models/:id': { did: 'removed a model', ...model },
  'POST /api/v1/recipes': { did: 'added a recipe', object: 'recipe' },
  'POST /api/v1/variants': { did: 'asked for variants', object: 'variant' },
  'POST /api/v1/variants/elsewhere': { did: 'pushed a variant', object: 'variant' },
  'POST /api/v1/variants/in-firmware': { did: 'named a variant in a firmware', object: 'variant' },
  'DELETE /api/v1/agents/:id/credentials': { did: "revoked an agent's key", object: 'agent' },
  'POST /api/v1/jobs': { did: 'submitted a job', ...job },
  'POST /api/v1/jobs/:id/cancel': { did: 'cancelled a job', ...job },
  'PATCH /api/v1/devices/:id': { did: 'changed a device', ...device },
  'DELETE /api/v1/devices/:id': { did: 'retired a device', ...device },
  'POST /api/v1/devices/:id/check': { did: 'asked for a health check', ...device },
  'POST /api/v1/devices/:id/quarantine': { did: 'quarantined a device', ...device },
  'DELETE /api/v1/devices/:id/quarantine': { did: 'brought a device back', ...device },
  'POST /api/v1/devices/:id/console/take': { did: 'took a keyboard', ...device },
  'POST /api/v1/devices/:id/console/answer': { did: 'answered who asked for a keyboard', ...device },
  'POST /api/v1/leases': { did: 'reserved a device', ...lease },
  'POST /api/v1/leases/:id/take': { did: 'took a lease', ...lease },
  'POST /api/v1/leases/:id/extend': { did: 'extended a lease', ...lease },
  'POST /api/v1/leases/:id/release': { did: 'gave a device back', ...lease },
  'POST /api/v1/leases/:id/handover': { did: 'handed a device over', ...lease },
  'POST /api/v1/leases/:id/ask': { did: 'asked for a device', ...lease },
  'POST /api/v1/leases/:id/answer': { did: 'answered who asked', ...lease },
  'POST /api/v1/leases/:id/force': { did: 'took a lease away', ...lease },
  'POST /api/v1/sweeps': { did: 'started a sweep', ...sweep },
  'PATCH /api/v1/sweeps/:id': { did: 'changed a sweep', ...sweep },
  'POST /api/v1/sweeps/:id/pause': { did: 'paused a sweep', ...sweep },
  'POST /api/v1/sweeps/:id/resume': { did: 'resumed a sweep', ...sweep },
  'POST /api/v1/sweeps/:id/cancel': { did: 'cancelled a sweep', ...sweep },
  'POST /api/v1/baselines': { did: 'pinned a baseline', object: 'baseline' },
  'DELETE /api/v1/baselines/:id': { did: 'removed a baseline', object: 'baseline' },
  'POST /api/v1/gates': { did: 'held a sweep against a baseline', ...gate },
  'POST /api/v1/gates/:id/rows/:row/decision': { did: 'decided a row of a gate', ...gate },
  'POST /api/v1/gates/:id/rows/:row/remeasure': { did: 'had a row of a gate measured again', ...gate },
  'POST /api/v1/schedules': { did: 'added a schedule', ...schedule },
  'PATCH /api/v1/schedules/:id': { did: 'changed a schedule', ...schedule },
  'DELETE /api/v1/schedules/:id': { did: 'removed a schedule', object: 'schedule' },
  'POST /api/v1/schedules/:id/trigger': { did: 'started a schedule now', ...schedule },
  'POST /api/v1/schedules/:id/pause': { did: 'paused a schedule', ...schedule },
  'POST /api/v1/schedules/:id/resume': { did: 'resumed a schedule', ...schedule },
  'POST /api/v1/subscriptions': { did: 'subscribed to news', object: 'subscription' },
  'DELETE /api/v1/subscriptions/:id': { did: 'ended a subscription', object: 'subscription' },
  'POST /api/v1/notes': { did: 'wrote a note', object: 'note' },
  'PATCH /api/v1/notes/:id': { did: 'changed a note', object: 'note' },
  'DELETE /api/v1/notes/:id': { did: 'deleted a note', object: 'note' },
};

/** Who did what: kept for good, in the order in which it happened. */
export const Activity = z.object({
  seq: z.number().int().min(1),
  at: Instant,
  by: LeaseParty,
  /** `submitted a job` */
  did: z.string(),
  object: z.object({ kind: z.string(), id: z.string().optional(), name: z.string().optional() }),
  /** Where the page shows the object. */
  link: z.string().optional(),
  /** It began and then failed, with this code. */
  failed: z.string().optional(),
});
export type Activity = z.infer<typeof Activity>;

export const ActivityQuery = PageQuery.extend({
  /** Id of an object, or of a person. */
  object: z.string().max(100).optional(),
  by: z.string().max(100).optional(),
}).strict();
export type ActivityQuery = z.infer<typeof ActivityQuery>;
