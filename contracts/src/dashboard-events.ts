import * as z from 'zod';
import { ConsoleText, Live } from './agent-channels.js';
import { type ConsoleAnswer, ConsoleLine, ConsoleState, type ConsoleType } from './console.js';
import { Device } from './device.js';
import { DeviceFrontier } from './frontier.js';
import { GateSummary } from './gate.js';
import { Job } from './job.js';
import { Reservation } from './lease.js';
import { Objective } from './metrics.js';
import { Model, Variant } from './model.js';
import { Id } from './names.js';
import { Note } from './note.js';
import type { PresenceChanges, PresenceCursor, PresenceCursors, PresenceUpdate } from './presence.js';
import { ProtocolName } from './protocol.js';
import type { Pulses } from './pulse.js';
import { Run } from './run.js';
import { Schedule } from './schedule.js';
import { Sweep, Trial } from './sweep.js';

/** What a screen can follow. `lab`: devices, models, recent jobs. `job/…`: the job and its runs. `model/…`: its variants, runs and frontiers. `sweep/…`: the sweep, its newest trials and gates. */
export const Topic = z.string().regex(/^(lab|job\/[a-z0-9_]+|model\/[a-z0-9_]+|device\/[a-z0-9_]+|sweep\/[a-z0-9_]+)$/);
export type Topic = z.infer<typeof Topic>;

/** The frontier of one model on one device for the default objectives; pushed again when a run ends. */
export const FrontierEntity = z.object({
  /** `<modelId>.<deviceId>.<protocol>` */
  id: z.string(),
  modelId: Id,
  protocol: ProtocolName,
  objectives: z.array(Objective),
  frontier: DeviceFrontier,
});
export type FrontierEntity = z.infer<typeof FrontierEntity>;

/** Something came to be or changed (`value` there) or went (`value` absent). */
export const Change = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('device'), id: z.string(), value: Device.optional() }),
  z.object({ kind: z.literal('model'), id: z.string(), value: Model.optional() }),
  z.object({ kind: z.literal('variant'), id: z.string(), value: Variant.optional() }),
  z.object({ kind: z.literal('job'), id: z.string(), value: Job.optional() }),
  z.object({ kind: z.literal('run'), id: z.string(), value: Run.optional() }),
  z.object({ kind: z.literal('frontier'), id: z.string(), value: FrontierEntity.optional() }),
  z.object({ kind: z.literal('gate'), id: z.string(), value: GateSummary.optional() }),
  z.object({ kind: z.literal('sweep'), id: z.string(), value: Sweep.optional() }),
  z.object({ kind: z.literal('trial'), id: z.string(), value: Trial.optional() }),
  z.object({ kind: z.literal('schedule'), id: z.string(), value: Schedule.optional() }),
  z.object({ kind: z.literal('note'), id: z.string(), value: Note.optional() }),
  z.object({ kind: z.literal('reservation'), id: z.string(), value: Reservation.optional() }),
  z.object({ kind: z.literal('console'), id: z.string(), value: ConsoleState.optional() }),
]);
export type Change = z.infer<typeof Change>;
export type ChangeKind = Change['kind'];

/** `epoch` is new at each start of the coordinator: a revision of another epoch means nothing. */
export const Snapshot = z.object({
  topic: Topic,
  epoch: z.string(),
  revision: z.number().int(),
  entities: z.array(Change),
});
export type Snapshot = z.infer<typeof Snapshot>;
export const Changes = z.object({
  topic: Topic,
  epoch: z.string(),
  from: z.number().int(),
  to: z.number().int(),
  changes: z.array(Change),
  /** When the lab sent it, by its clock. */
  sentAtMs: z.number().optional(),
});
export type Changes = z.infer<typeof Changes>;

export const Subscribe = z.strictObject({
  topic: Topic,
  have: z.strictObject({ epoch: z.string().max(64), revision: z.number().int() }).optional(),
});
export type Subscribe = z.infer<typeof Subscribe>;

/** Answer to `subscribe`: a snapshot, or the changes since what the client had. */
export type SubscribeAnswer =
  | { ok: true; snapshot: Snapshot }
  | { ok: true; changes: Changes }
  | { ok: false; error: { code: string; message: string } };

export const LiveEvent = Live.extend({ deviceId: Id, jobId: Id });
export type LiveEvent = z.infer<typeof LiveEvent>;

/** What a board printed beside its protocol, as it came; or, with `line` and an empty text, what was typed and what became of it. */
export const ConsoleEvent = ConsoleText.extend({ jobId: Id.optional(), line: ConsoleLine.optional() });
export type ConsoleEvent = z.infer<typeof ConsoleEvent>;

/** Answer to a command of a console: `order` of the line or of the state. */
export type ConsoleReply = { ok: true; order: number } | { ok: false; error: { code: string; message: string } };
type Replies = (answer: ConsoleReply) => void;

/** server -> client. A gap between `to` and the next `from` means: subscribe again. */
export interface ServerEvents {
  changes: (changes: Changes) => void;
  /** Volatile: lost when the socket is busy. */
  live: (live: LiveEvent) => void;
  /** Volatile, to those who follow the lab. */
  pulse: (pulses: Pulses) => void;
  /** To those who follow the device or its run's job; lossy: the whole text of a run is `GET /runs/:id/console`. */
  console: (event: ConsoleEvent) => void;
  /** A run is measured on the viewer's own machine: draw at 1 Hz, no transitions. */
  quiet: (quiet: { active: boolean }) => void;
  /** Who is here: everybody at first, then what changed. */
  presence: (changes: PresenceChanges) => void;
  /** Volatile: pointers of others on the same page. */
  cursors: (cursors: PresenceCursors) => void;
}

/** client -> server, each acknowledged. */
export interface ClientEvents {
  subscribe: (request: Subscribe, answer: (answer: SubscribeAnswer) => void) => void;
  unsubscribe: (request: { topic: Topic }) => void;
  /** What this screen shows and selects. */
  presence: (update: PresenceUpdate, answer?: (answer: { ok: boolean }) => void) => void;
  /** This screen shows a device's console, or no longer. */
  'console.watch': (of: { deviceId: string }, answer: Replies) => void;
  'console.leave': (of: { deviceId: string }, answer: Replies) => void;
  /** The keyboard of a device, for this connection: it is lost with it. */
  'console.take': (of: { deviceId: string }, answer: Replies) => void;
  'console.ask': (of: { deviceId: string }, answer: Replies) => void;
  'console.answer': (of: { deviceId: string } & ConsoleAnswer, answer: Replies) => void;
  'console.drop': (of: { deviceId: string }, answer: Replies) => void;
  'console.type': (of: { deviceId: string } & ConsoleType, answer: Replies) => void;
  /** Volatile: where its pointer is. */
  point: (point: { cursor?: PresenceCursor }) => void;
}

/** Entities by kind and id, as a screen holds them. */
export type Entities = {
  readonly [K in ChangeKind]: ReadonlyMap<string, NonNullable<Extract<Change, { kind: K }>['value']>>;
};

export const noEntities: Entities = {
  device: new Map(),
  model: new Map(),
  variant: new Map(),
  job: new Map(),
  run: new Map(),
  frontier: new Map(),
  gate: new Map(),
  note: new Map(),
  reservation: new Map(),
  console: new Map(),
  schedule: new Map(),
  sweep: new Map(),
  trial: new Map(),
};

/** Snapshot + changes = later snapshot: the pure reducer that server tests and every client share. */
export function applyChanges(entities: Entities, changes: readonly Change[]): Entities {
  const touched = new Map<ChangeKind, Map<string, unknown>>();
  for (const change of changes) {
    let map = touched.get(change.kind);
    if (!map) {
      map = new Map<string, unknown>(entities[change.kind]);
      touched.set(change.kind, map);
    }
    if (change.value === undefined) map.delete(change.id);
    else map.set(change.id, change.value);
  }
  return { ...entities, ...Object.fromEntries(touched) } as Entities;
}
