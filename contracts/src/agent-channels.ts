import * as z from 'zod';
import { ConsoleDone, ConsoleTyped } from './console-wire.js';
import { DeviceFacts, DeviceKind, Floor } from './device.js';
import { LabError } from './errors.js';
import { QualityMetric, TensorInfo } from './model.js';
import { AgentId, Id, Labels, Name, Sha256 } from './names.js';
import { Observations } from './observation.js';
import { patchBases } from './patch.js';
import { Protocol, RunSettings } from './protocol.js';
import { RunEnvironment, RunError, RunPhase } from './run.js';

/**
 * Everything that is said over MQTT. Topic: `hilltop/v1/<shard>/<agentId>/{up,down}/<channel>`.
 * MQTT 3.1.1, QoS 0 and 1; reply topic, correlation and expiry (a duration) live in the payload.
 */
export const wireProtocol = { min: 1, max: 1 } as const;

/** Shards exist so that coordinators can share the load later without `$share`. */
export const shardCount = 64;
/** `digest` = SHA-256 of the agent's id. */
export const shardOf = (digest: Uint8Array): number => digest[0]! % shardCount;

export const agentPrefix = (shard: number, agentId: string): string => `hilltop/v1/${shard}/${agentId}`;
/** Retained, exact: an agent says hello again when it changes. */
export const epochTopic = 'hilltop/v1/lab/epoch';

/** Largest MQTT frame the lab accepts before and after it knows the client. */
export const frameLimit = { beforeAuthentication: 8 * 1024, after: 512 * 1024 } as const;

/** Artifacts and data sets travel in chunks of this size, so many in flight. */
export const chunkBytes = 256 * 1024;
export const chunkWindow = 4;

/** The claim lives this long without renewal; the agent renews every third. Durations, never deadlines. */
export const claimTtlMs = 30_000;
export const heartbeatMs = 10_000;

/** Journal window: unacknowledged records in flight. */
export const journalWindow = { records: 32, bytes: 400 * 1024 } as const;

const bytes = z.custom<Uint8Array>((v) => v instanceof Uint8Array, 'must be bytes');
const Fence = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const Seq = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const HeldRun = z.strictObject({ runId: Id, fence: Fence });

/** A device as its agent reports it. `key` is the agent's own stable name for it. */
export const DeviceReport = z.object({
  key: z.string().regex(/^[a-z0-9][a-z0-9._:-]{0,63}$/),
  name: Name,
  kind: DeviceKind,
  type: z.string().max(300),
  emulated: z.boolean(),
  labels: Labels,
  facts: DeviceFacts,
  floor: Floor.optional(),
  /** It is here and cannot be used, with the reason for people; until a hello without it. */
  health: z.object({ state: z.literal('unhealthy'), reason: z.string().max(300) }).optional(),
});
export type DeviceReport = z.infer<typeof DeviceReport>;

export const Hello = z.object({
  protocol: z.object({ min: z.number().int(), max: z.number().int() }),
  version: z.string().max(40),
  /** New at each start of the agent's process. */
  bootId: z.string().max(64),
  journalId: z.string().max(64),
  firstSeq: Seq,
  lastSeq: Seq,
  running: z.array(HeldRun).max(64),
  /** Highest fence seen per device id. */
  maxFence: z.record(Id, Fence),
  devices: z.array(DeviceReport).max(64),
  cache: z.object({ count: z.number().int(), bytes: z.number().int() }),
});
export type Hello = z.infer<typeof Hello>;

/** Answer to hello: this one exchange repairs most histories. */
export const Welcome = z.object({
  bootId: z.string().max(64),
  epoch: z.string().max(64),
  journalId: z.string().max(64),
  /** First record the coordinator does not have. */
  nextSeq: Seq,
  continue: z.array(HeldRun),
  abort: z.array(HeldRun.extend({ reason: z.string().max(200) })),
  devices: z.array(z.object({ key: z.string(), deviceId: Id, fence: z.number().int().min(0) })),
  /** The coordinator understands `bases` of a blob request; absent from one that would refuse it. */
  patches: z.boolean().optional(),
});
export type Welcome = z.infer<typeof Welcome>;

export const Heartbeat = z.object({
  bootId: z.string().max(64),
  renew: z.array(HeldRun).max(64),
  devices: z
    .array(z.object({ deviceId: Id, temperatureC: z.number().optional(), loadAverage: z.number().optional() }))
    .max(64),
});
export type Heartbeat = z.infer<typeof Heartbeat>;

export const RunStart = z.object({
  runId: Id,
  jobId: Id,
  attempt: z.number().int().min(1),
  fence: Fence,
  deviceId: Id,
  deviceKey: z.string().max(64),
  /** How long the claim holds without renewal, from receipt. */
  ttlMs: z.number().int().min(1000),
  artifact: z.object({ sha256: Sha256, bytes: z.number().int().min(1) }),
  /** Tensor pack of the evaluation set. */
  evaluation: z.object({ sha256: Sha256, bytes: z.number().int().min(1), items: z.number().int().min(1) }).optional(),
  /** Concrete shapes of one inference, batch 1. */
  inputs: z.array(TensorInfo).min(1).max(16),
  outputs: z.array(TensorInfo).min(1).max(64),
  qualityMetric: QualityMetric.optional(),
  protocol: Protocol,
  settings: RunSettings,
  traceparent: z.string().max(100).optional(),
  /** Ed25519 by the lab's key over the canonical start; not yet demanded. */
  signature: z.string().max(200).optional(),
});
export type RunStart = z.infer<typeof RunStart>;

/** What an agent must not lose. Kept in its journal until the coordinator acknowledges after its commit. */
export const JournalEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('run.preparing'), runId: Id, fence: Fence }),
  z.strictObject({
    type: z.literal('run.started'),
    runId: Id,
    fence: Fence,
    environment: RunEnvironment,
    floor: Floor.optional(),
  }),
  z.strictObject({ type: z.literal('run.observed'), observations: Observations }),
  z.strictObject({
    type: z.literal('run.ended'),
    runId: Id,
    fence: Fence,
    outcome: z.enum(['succeeded', 'failed', 'cancelled']),
    error: RunError.optional(),
    /** Batches of observations that were journalled before this; the coordinator must have them all. */
    batches: z.number().int().min(0),
    transferBytes: z.number().int().min(0),
    /** SHA-256 that the agent computed over the artifact it executed. */
    artifactSha256: Sha256.optional(),
  }),
  z.strictObject({ type: z.literal('agent.degraded'), reason: z.string().max(500) }),
]);
export type JournalEvent = z.infer<typeof JournalEvent>;

/**
 * An event as it is read. What this version does not understand is passed over: the records behind it must not wait for
 * ever, and its run fails for what is missing.
 */
export const JournalEntry = z.union([JournalEvent, z.unknown().transform(() => ({ type: 'unreadable' as const }))]);
export type JournalEntry = z.infer<typeof JournalEntry>;

export const JournalBatch = z.strictObject({
  journalId: z.string().max(64),
  records: z
    .array(z.strictObject({ seq: Seq, event: JournalEntry }))
    .min(1)
    .max(journalWindow.records),
});
export type JournalBatch = z.infer<typeof JournalBatch>;

/** For screens only: lossy, never stored. Buckets of 100 ms: [t since the block's start ms, min, median, max, n]. */
export const Live = z.object({
  runId: Id,
  sentAtMs: z.number(),
  phase: RunPhase,
  block: z.number().int().optional(),
  blocks: z.number().int().optional(),
  fraction: z.number().min(0).max(1),
  buckets: z
    .array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]))
    .max(50)
    .optional(),
  /** Power beside the run, 100 ms each: ms since its first reading, least, mean and highest, W. */
  power: z
    .array(z.tuple([z.number(), z.number(), z.number(), z.number()]))
    .max(50)
    .optional(),
  fetchedBytes: z.number().int().optional(),
  totalBytes: z.number().int().optional(),
});
export type Live = z.infer<typeof Live>;

/** Most characters in a message of a board's console. */
export const consoleTextLimit = 4000;

/** What a board prints beside its protocol, as it comes: for screens, lossy. A run's own text is journalled as `console`. */
export const ConsoleText = z.object({
  deviceId: Id,
  /** The run that the board carries out. */
  runId: Id.optional(),
  /** Counts from 0 for each device and start of the agent. */
  seq: z.number().int().min(0),
  atMs: z.number(),
  /** Whole or partial lines; without control characters but line feed and tab. */
  text: z.string().max(consoleTextLimit),
  /** Characters left out since the message before. */
  dropped: z.number().int().min(1).optional(),
});
export type ConsoleText = z.infer<typeof ConsoleText>;

export const BlobRequest = z.strictObject({
  requestId: z.string().max(64),
  sha256: Sha256,
  /** The agent can apply a patch, to one of these blobs that it has or to none; newest first. Only where `Welcome.patches`. */
  bases: z.array(Sha256).max(patchBases).optional(),
});
/** A patch is fetched as any blob is; see `patchSegments`. */
export const PatchOffer = z.object({
  sha256: Sha256,
  bytes: z.number().int().min(1),
  /** One of the bases of the request; absent: the artifact packed more thoroughly, all by itself. */
  base: Sha256.optional(),
});
export type PatchOffer = z.infer<typeof PatchOffer>;
export const BlobManifest = z.object({
  requestId: z.string().max(64),
  sha256: Sha256,
  bytes: z.number().int(),
  chunkBytes: z.number().int(),
  /** SHA-256 of each chunk, 32 bytes each, one after the other. */
  chunks: bytes,
  /** A shorter way to the same bytes, only for a request with `bases`. The chunks are verified as ever. */
  patch: PatchOffer.optional(),
  /** Set when it cannot be had; then everything else is empty. */
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
export type BlobManifest = z.infer<typeof BlobManifest>;
export const ChunkRequest = z.strictObject({
  requestId: z.string().max(64),
  sha256: Sha256,
  indices: z.array(z.number().int().min(0)).min(1).max(chunkWindow),
  /** Encodings the agent can undo, best first. */
  accept: z
    .array(z.enum(['zstd', 'raw']))
    .min(1)
    .max(2),
});
export type ChunkRequest = z.infer<typeof ChunkRequest>;
export const Chunk = z.strictObject({
  requestId: z.string().max(64),
  sha256: Sha256,
  index: z.number().int().min(0),
  encoding: z.enum(['zstd', 'raw']),
  data: bytes,
});
export type Chunk = z.infer<typeof Chunk>;

export interface ChannelRow {
  readonly sender: 'agent' | 'coordinator';
  readonly payload: z.ZodType;
  readonly format: 'json' | 'cbor';
  readonly qos: 0 | 1;
}

/** Every channel, named by the end of its topic. */
export const agentChannels = {
  'up/hello': { sender: 'agent', payload: Hello, format: 'json', qos: 1 },
  'up/heartbeat': { sender: 'agent', payload: Heartbeat, format: 'json', qos: 0 },
  'up/journal': { sender: 'agent', payload: JournalBatch, format: 'cbor', qos: 0 },
  'up/live': { sender: 'agent', payload: Live, format: 'json', qos: 0 },
  'up/console': { sender: 'agent', payload: ConsoleText, format: 'json', qos: 0 },
  'up/console.done': { sender: 'agent', payload: ConsoleDone, format: 'json', qos: 1 },
  'up/blob.request': { sender: 'agent', payload: BlobRequest, format: 'json', qos: 0 },
  'up/chunk.request': { sender: 'agent', payload: ChunkRequest, format: 'json', qos: 0 },
  /** Will: a hint that the connection went; payload is the boot id. */
  'up/gone': { sender: 'agent', payload: z.strictObject({ bootId: z.string().max(64) }), format: 'json', qos: 0 },
  'down/welcome': { sender: 'coordinator', payload: Welcome, format: 'json', qos: 1 },
  /** The agent is turned away; `retryAfterMs` absent: do not come back by yourself. */
  'down/refused': {
    sender: 'coordinator',
    format: 'json',
    qos: 1,
    payload: z.object({ code: z.string(), message: z.string(), retryAfterMs: z.number().int().optional() }),
  },
  /** After commit: everything below `nextSeq` is safe and may be forgotten. */
  'down/ack': {
    sender: 'coordinator',
    payload: z.object({ journalId: z.string(), nextSeq: Seq }),
    format: 'json',
    qos: 0,
  },
  /** A gap: send again from `expect`. */
  'down/nack': {
    sender: 'coordinator',
    payload: z.object({ journalId: z.string(), expect: Seq, reason: z.string().optional() }),
    format: 'json',
    qos: 0,
  },
  'down/run.start': { sender: 'coordinator', payload: RunStart, format: 'json', qos: 1 },
  'down/run.cancel': {
    sender: 'coordinator',
    payload: HeldRun.extend({ reason: z.string().max(200) }),
    format: 'json',
    qos: 1,
  },
  'down/console': { sender: 'coordinator', payload: ConsoleTyped, format: 'json', qos: 1 },
  'down/blob.manifest': { sender: 'coordinator', payload: BlobManifest, format: 'cbor', qos: 0 },
  'down/chunk': { sender: 'coordinator', payload: Chunk, format: 'cbor', qos: 0 },
} as const satisfies Record<string, ChannelRow>;

export type ChannelName = keyof typeof agentChannels;
export type ChannelPayload<C extends ChannelName> = z.infer<(typeof agentChannels)[C]['payload']>;
export const channelNames = Object.keys(agentChannels) as ChannelName[];

/** Retained at `epochTopic`. */
export const Epoch = z.object({ epoch: z.string().max(64), labId: Id });
export type Epoch = z.infer<typeof Epoch>;

/** A strict CBOR codec (cborg: no duplicate keys, no indefinite lengths, no tags); handed in, so that this package stays light. */
export interface CborCodec {
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

export interface ChannelCodec {
  encode<C extends ChannelName>(channel: C, payload: ChannelPayload<C>): Uint8Array;
  /** Throws `wire.invalid`; nothing else. */
  decode<C extends ChannelName>(channel: C, bytes: Uint8Array): ChannelPayload<C>;
}

/** The only doors between agent and coordinator: what comes in is validated here, once. */
export function channelCodec(cbor: CborCodec): ChannelCodec {
  return {
    encode(channel, payload) {
      return agentChannels[channel].format === 'cbor'
        ? cbor.encode(payload)
        : new TextEncoder().encode(JSON.stringify(payload));
    },
    decode<C extends ChannelName>(channel: C, bytes: Uint8Array): ChannelPayload<C> {
      const row: ChannelRow = agentChannels[channel];
      let value: unknown;
      try {
        value =
          row.format === 'cbor'
            ? cbor.decode(bytes)
            : JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
      } catch {
        throw new LabError('wire.invalid', `a message on ${channel} is not ${row.format.toUpperCase()}`, { channel });
      }
      const parsed = row.payload.safeParse(value);
      if (!parsed.success)
        throw new LabError('wire.invalid', `a message on ${channel} is malformed`, {
          channel,
          issues: parsed.error.issues.slice(0, 5),
        });
      return parsed.data as ChannelPayload<C>;
    },
  };
}

/** `hilltop/v1/3/bench-1/up/live` -> its parts; undefined when it is not ours. */
export function parseTopic(topic: string): { shard: number; agentId: string; channel: ChannelName } | undefined {
  const [root, version, shard, agentId, direction, ...rest] = topic.split('/');
  const channel = `${direction}/${rest.join('/')}`;
  if (
    root !== 'hilltop' ||
    version !== 'v1' ||
    !AgentId.safeParse(agentId).success ||
    !Object.hasOwn(agentChannels, channel)
  )
    return undefined;
  if (!/^\d{1,2}$/.test(shard!) || Number(shard) >= shardCount) return undefined;
  return { shard: Number(shard), agentId: agentId!, channel: channel as ChannelName };
}

/** MQTT password: base64url(JSON of this) + '.' + base64url(Ed25519 signature over the first part). */
export const MqttAssertion = z.strictObject({
  aud: Id,
  iat: z.number().int(),
  exp: z.number().int(),
  jti: z.string().min(16).max(64),
  boot: z.string().max(64),
});
export type MqttAssertion = z.infer<typeof MqttAssertion>;
