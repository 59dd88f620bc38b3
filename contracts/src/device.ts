import * as z from 'zod';
import { TicksKind } from './device-messages.js';
import { AgentId, Id, Instant, Labels, Name } from './names.js';
import { batchOf, PowerMode, type RunSettings, RuntimeId } from './protocol.js';
import { Sensor } from './sensor.js';

export const deviceKinds = ['host', 'microcontroller'] as const;
export const DeviceKind = z.enum(deviceKinds);
export type DeviceKind = z.infer<typeof DeviceKind>;

/**
 * How a variant is executed. `agent/src/runtimes/index.ts` has one row for each. `trtexec`: NVIDIA's TensorRT by its own
 * command line tool; `external`: a person's own program (docs/external-runtime.md).
 */
export const runtimeNames = ['onnxruntime', 'trtexec', 'external', 'microcontroller'] as const;
export const RuntimeName = z.enum(runtimeNames);
export type RuntimeName = z.infer<typeof RuntimeName>;

export const Runtime = z.object({
  name: RuntimeName,
  /** What a job chooses it by, where that is not its name: of a device's own programs each has one. */
  id: RuntimeId.optional(),
  version: z.string().max(64),
  /** Execution providers that loaded; without a wish it is the first: of ONNX Runtime always `cpu`. */
  providers: z.array(z.string().max(40)).max(16),
});
export type Runtime = z.infer<typeof Runtime>;

/** What a job chooses a runtime by. */
export const runtimeIdOf = ({ id, name }: Pick<Runtime, 'id' | 'name'>): string => id ?? name;

/** The runtime that settings choose among those of a device: the named one, or the device's first. */
export function chosenRuntime(
  runtimes: readonly Runtime[],
  { runtime }: Pick<RunSettings, 'runtime'>,
): Runtime | undefined {
  return runtime === undefined ? runtimes[0] : runtimes.find((each) => runtimeIdOf(each) === runtime);
}

/** Why settings cannot be met. */
export interface SettingsRefusal {
  readonly code: 'runtime.missing' | 'runtime.setting-unsupported';
  readonly message: string;
}

/** Why a device cannot run with such settings, and what it has; undefined where it can. */
export function settingsRefusal(
  device: {
    readonly name: string;
    readonly facts: { readonly runtimes: readonly Runtime[]; readonly powerModes?: readonly string[] | undefined };
  },
  settings: RunSettings,
): SettingsRefusal | undefined {
  return runtimeRefusal(device, settings) ?? powerModeRefusal(device.name, device.facts.powerModes, settings);
}

/** Why a run may not choose that power mode; `modes` are those it may choose, absent: none. */
export function powerModeRefusal(
  name: string,
  modes: readonly string[] | undefined,
  { powerMode }: Pick<RunSettings, 'powerMode'>,
): SettingsRefusal | undefined {
  if (powerMode === undefined || modes?.includes(powerMode)) return undefined;
  return {
    code: 'runtime.setting-unsupported',
    message: modes?.length
      ? `${name} has no power mode ${powerMode}; it has: ${modes.join(', ')}`
      : `${name} has no power mode that a run may choose: leave it out, or start its agent with --prepare modes where the machine has some (\`hilltop agent --doctor --prepare modes\` says)`,
  };
}

/** What of settings the runtimes of a device cannot do. */
export function runtimeRefusal(
  { name, facts }: { readonly name: string; readonly facts: { readonly runtimes: readonly Runtime[] } },
  settings: RunSettings,
): SettingsRefusal | undefined {
  const { runtimes } = facts;
  const runtime = chosenRuntime(runtimes, settings);
  const has = runtimes.map(runtimeIdOf).join(', ') || 'none';
  if (!runtime) {
    // A device that says nothing of its runtimes is asked by the run itself.
    if (settings.runtime === undefined) return undefined;
    return { code: 'runtime.missing', message: `${name} has no runtime ${settings.runtime}; it has: ${has}` };
  }
  const id = runtimeIdOf(runtime);
  if (settings.provider !== undefined && !runtime.providers.includes(settings.provider))
    return {
      code: 'runtime.missing',
      message: `${id} on ${name} has no provider ${settings.provider} that loads; it has: ${runtime.providers.join(', ')}`,
    };
  if (settings.precision !== undefined && settings.precision !== 'fp32' && runtime.name !== 'trtexec')
    return {
      code: 'runtime.setting-unsupported',
      message: `${id} computes as the model says; only trtexec takes a precision, and others take a variant made with the recipe ${settings.precision}`,
    };
  if (batchOf(settings) !== undefined && runtime.name !== 'onnxruntime')
    return {
      code: 'runtime.setting-unsupported',
      message: `${id} runs a model with the batch it was pushed with; only onnxruntime takes another: leave batch ${settings.batch} out, or choose onnxruntime`,
    };
  return undefined;
}

/** How a microcontroller is spoken to: our firmware over SMP, or any firmware built for the MLPerf Tiny benchmark. */
export const boardDrivers = ['smp', 'mlperf-tiny'] as const;
export const BoardDriver = z.enum(boardDrivers);
export type BoardDriver = z.infer<typeof BoardDriver>;

/** What a microcontroller says about itself. */
export const BoardFacts = z.object({
  cpu: z.string().max(100),
  /** Clock that its ticks count. */
  hz: z.number().int().min(1).optional(),
  /** Absent: it gives microseconds, no ticks. `instructions` of an emulator are no time: such a board has no latency. */
  ticks: TicksKind.optional(),
  /** Memory for a plan and its arena together. */
  ramBytes: z.number().int().min(0).optional(),
  flashBytes: z.number().int().min(0).optional(),
  driver: BoardDriver,
  firmware: z.string().max(100),
  /** Benchmark firmware: its profile and the model inside it. */
  profile: z.string().max(100).optional(),
  model: z.string().max(100).optional(),
});
export type BoardFacts = z.infer<typeof BoardFacts>;

/** What the agent found out about its hardware. Absent means not found, never guessed. */
export const DeviceFacts = z.object({
  /** Board or machine, e.g. `Raspberry Pi 4 Model B Rev 1.4` from the device tree, or the DMI product name. */
  board: z.string().max(200).optional(),
  cpu: z.string().max(200).optional(),
  /** Features that decide which kernels run: avx2, avx512_vnni, asimddp ... */
  cpuFeatures: z.array(z.string().max(40)).max(64),
  cores: z.number().int().min(1),
  memoryBytes: z.number().int().min(0),
  arch: z.string().max(20),
  os: z.string().max(200),
  kernel: z.string().max(200).optional(),
  node: z.string().max(40).optional(),
  runtimes: z.array(Runtime).max(8),
  /** Frequency governor or power mode, part of the device type. */
  powerMode: z.string().max(60).optional(),
  /** Those that a run may choose, where the operator allows it. */
  powerModes: z.array(PowerMode).max(32).optional(),
  /** Evidence sources a run can draw on: schedstat, psi, steal ... A run without them is never `clean`. */
  evidence: z.array(z.string().max(40)).max(32),
  /** What can be read beside a run, found usable. */
  sensors: z.array(Sensor).max(256).optional(),
  /** A microcontroller only. */
  mcu: BoardFacts.optional(),
});
export type DeviceFacts = z.infer<typeof DeviceFacts>;

/** The harness's own latency floor: the null model through the same path. */
export const Floor = z.object({
  latencyP50Ms: z.number().min(0),
  latencyP99Ms: z.number().min(0).optional(),
  memoryBytes: z.number().int().min(0).optional(),
  inferences: z.number().int().min(1),
  measuredAt: Instant,
});
export type Floor = z.infer<typeof Floor>;

export const deviceStates = [
  'offline',
  'preparing',
  'available',
  'busy',
  'cooling',
  'unhealthy',
  'quarantined',
  'maintenance',
  'retired',
] as const;
export const DeviceState = z.enum(deviceStates);
export type DeviceState = z.infer<typeof DeviceState>;

/** Why a device is out of rotation; it is given health checks only. */
export const Quarantine = z.object({
  reason: z.string().max(500),
  since: Instant,
  /** The person who said so; absent: the lab, for the reason it gives. */
  by: z.string().optional(),
  /** `maintenance`: nothing is wrong with it, a person works on it. Absent: a fault. */
  kind: z.enum(['fault', 'maintenance']).optional(),
});
export type Quarantine = z.infer<typeof Quarantine>;

/** How a health check ended that found something out. */
export const CheckOutcome = z.object({ healthy: z.boolean(), at: Instant, jobId: Id });
export type CheckOutcome = z.infer<typeof CheckOutcome>;

/** One unit under test. */
export const Device = z.object({
  id: Id,
  name: Name,
  kind: DeviceKind,
  /** Class of devices that should measure alike: board, runtime, power mode. */
  type: z.string().max(300),
  emulated: z.boolean(),
  agentId: AgentId,
  agentVersion: z.string().max(40),
  labels: Labels,
  state: DeviceState,
  /** Why it is not available, for people. */
  stateReason: z.string().optional(),
  /** Kept while it is away or checked, too. */
  quarantine: Quarantine.optional(),
  /** Its newest health check that found something out. */
  lastCheck: CheckOutcome.optional(),
  facts: DeviceFacts,
  floor: Floor.optional(),
  currentRunId: Id.optional(),
  /** Runs waiting for this device. */
  queued: z.number().int().min(0),
  /** When its agent was last heard; absent while it is here. */
  lastSeenAt: Instant.optional(),
  createdAt: Instant,
});
export type Device = z.infer<typeof Device>;

export const DeviceUpdate = z.strictObject({ name: Name.optional(), labels: Labels.optional() });
export type DeviceUpdate = z.infer<typeof DeviceUpdate>;

/** Which devices: by id or name, and by labels that must all match. Both empty: every device. */
export const Selector = z.strictObject({
  devices: z.array(z.string().min(1).max(100)).max(1000).default([]),
  labels: Labels.default({}),
});
export type Selector = z.infer<typeof Selector>;

/** `['a=1','b=2']` -> labels. Throws a plain Error naming the bad part. */
export function parseLabels(pairs: readonly string[]): Labels {
  const labels: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new Error(`"${pair}" is not key=value`);
    const key = pair.slice(0, at);
    // Neither the assignment nor the schema keeps it, and a selector without it means every device.
    if (key === '__proto__') throw new Error(`"${key}" is no label`);
    labels[key] = pair.slice(at + 1);
  }
  return Labels.parse(labels);
}

/** Whether a device is meant. Built-in labels: id, name, type, kind, arch, agent, emulated. */
export function selects(selector: Selector, device: Device): boolean {
  if (selector.devices.length > 0 && !selector.devices.some((d) => d === device.id || d === device.name)) return false;
  const facts: Record<string, string> = {
    ...device.labels,
    id: device.id,
    name: device.name,
    type: device.type,
    kind: device.kind,
    arch: device.facts.arch,
    agent: device.agentId,
    emulated: String(device.emulated),
  };
  return Object.entries(selector.labels).every(([key, value]) => facts[key] === value);
}

/** How an agent enrols. `proof` = Ed25519 over `hilltop-join|<fingerprint>|<sha256 of the token>|<nonce>`. */
export const AgentJoin = z.strictObject({
  joinToken: z.string().regex(tokenLike('join')),
  /** Raw 32-byte Ed25519 public key, base64url. */
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  name: Name,
  nonce: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
  proof: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
});
export type AgentJoin = z.infer<typeof AgentJoin>;

function tokenLike(kind: string): RegExp {
  return new RegExp(`^hlt_${kind}_[0-9A-Za-z]{36}$`);
}

export const AgentJoined = z.object({ agentId: AgentId, labId: Id, shard: z.number().int().min(0).max(63) });
export type AgentJoined = z.infer<typeof AgentJoined>;

/** Who the lab is: `fingerprint` = first 16 hex digits of SHA-256 of the raw public key. */
export const LabKey = z.object({
  labId: Id,
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
});
export type LabKey = z.infer<typeof LabKey>;

export const Agent = z.object({
  id: AgentId,
  name: Name,
  version: z.string().optional(),
  connected: z.boolean(),
  createdAt: Instant,
  lastSeenAt: Instant.optional(),
  revokedAt: Instant.optional(),
});
export type Agent = z.infer<typeof Agent>;
