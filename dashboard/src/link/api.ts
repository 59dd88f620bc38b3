import {
  Activity,
  Baseline,
  BaselineFrontier,
  Comparison,
  ConsoleDocument,
  Device,
  DeviceHealth,
  type DeviceUpdate,
  Frontier,
  type FrontierQuery,
  HealthCheck,
  headers,
  Job,
  type JobCreate,
  Lab,
  LayerColumns,
  type LeaseAnswer,
  Me,
  Model,
  type ModelCreate,
  Note,
  type NoteCreate,
  type NoteUpdate,
  PlanDocument,
  PowerDocument,
  ProfileColumns,
  PulseHistory,
  pageOf,
  type QuarantineCreate,
  Recipe,
  Reservation,
  type Reserve,
  Run,
  Session,
  Sweep,
  type TokenCreate,
  TokenCreated,
  Upload,
  type UploadCreate,
  User,
} from '@hilltop/contracts';
import * as z from 'zod';
import { Nothing, type Rest, type RestBytes } from './rest.js';

const RunPage = pageOf(Run);
const JobPage = pageOf(Job);
/** Latencies of a run in order, with the block each belongs to. */
const Observed = z.object({
  rows: z.number().int(),
  columns: z.object({ block: z.array(z.number()), latency_ms: z.array(z.number().nullable()) }),
});
export type Observed = z.infer<typeof Observed>;
/** A key the caller keeps, so that asking again after a lost answer does nothing twice. */
const idempotent = (key: string | undefined) =>
  key === undefined ? {} : { headers: { [headers.idempotencyKey]: key } };

export type RunPage = z.infer<typeof RunPage>;
/** Lists that fit on one page come as a page or as a plain array. */
const listOf = <T extends z.ZodType>(item: T) => z.union([pageOf(item).transform((page) => page.items), z.array(item)]);

/** A command names the revision it saw: the lab refuses it when something changed meanwhile. */
type Seen = Pick<Reservation, 'id' | 'revision'>;

/** What a query of the frontier may say; everything as text, as it stands in the address. */
export type FrontierAsk = { readonly [K in keyof FrontierQuery]?: string | undefined } & { readonly model: string };

/** Each point is a parameter of its own. */
function comparisonSearch({
  device,
  protocol,
  points,
}: {
  readonly device: string;
  readonly protocol?: string | undefined;
  readonly points: readonly string[];
}): URLSearchParams {
  return new URLSearchParams([
    ['device', device],
    ...(protocol === undefined ? [] : [['protocol', protocol]]),
    ...points.map((key) => ['point', key]),
  ]);
}

const Made = z.object({ id: z.string().optional() }).optional().catch(undefined);

/** Every REST call of the page, typed. Errors: LabError. */
export function createApi(rest: Rest, bytes: RestBytes) {
  const lease = ({ id, revision }: Seen, command: string, more: object = {}) =>
    rest(`leases/${encodeURIComponent(id)}/${command}`, Reservation, { method: 'POST', body: { revision, ...more } });
  return {
    /** For screens that bring their own calls, so that these are fetched with them. */
    rest,
    bytes,
    me: () => rest('me', Me),
    lab: () => rest('lab', Lab),
    baselines: () => rest('baselines', listOf(Baseline)),
    baselineFrontier: (
      name: string,
      { model, x, y }: { readonly model: string; readonly x: string; readonly y: string },
      signal?: AbortSignal,
    ) =>
      rest(`baselines/${encodeURIComponent(name)}/frontier?${new URLSearchParams({ model, x, y })}`, BaselineFrontier, {
        ...(signal && { signal }),
      }),
    activities: () => rest('activities', listOf(Activity)),
    writeNote: (body: NoteCreate) => rest('notes', Note, { method: 'POST', body }),
    changeNote: ({ id }: Pick<Note, 'id'>, body: NoteUpdate) =>
      rest(`notes/${encodeURIComponent(id)}`, Note, { method: 'PATCH', body }),
    deleteNote: ({ id }: Pick<Note, 'id'>) => rest(`notes/${encodeURIComponent(id)}`, Note, { method: 'DELETE' }),
    users: () => rest('users', listOf(User)),
    pulses: () => rest('pulses', PulseHistory),
    recipes: () => rest('recipes', listOf(Recipe)),
    device: (id: string) => rest(`devices/${encodeURIComponent(id)}`, Device),
    deviceHealth: (id: string) => rest(`devices/${encodeURIComponent(id)}/health`, DeviceHealth),
    checkDevice: (id: string) =>
      rest(`devices/${encodeURIComponent(id)}/check`, HealthCheck, { method: 'POST', body: {} }),
    quarantineDevice: (id: string, body: QuarantineCreate) =>
      rest(`devices/${encodeURIComponent(id)}/quarantine`, Device, { method: 'POST', body }),
    putBackDevice: (id: string) => rest(`devices/${encodeURIComponent(id)}/quarantine`, Device, { method: 'DELETE' }),
    updateDevice: (id: string, body: DeviceUpdate) =>
      rest(`devices/${encodeURIComponent(id)}`, Device, { method: 'PATCH', body }),
    retireDevice: (id: string) => rest(`devices/${encodeURIComponent(id)}`, Nothing, { method: 'DELETE' }),
    observations: (runId: string) =>
      rest(`runs/${encodeURIComponent(runId)}/observations`, Observed, { query: { kind: 'latency' } }),
    layers: (runId: string) =>
      rest(`runs/${encodeURIComponent(runId)}/observations`, LayerColumns, { query: { kind: 'layer' } }),
    profile: (runId: string) =>
      rest(`runs/${encodeURIComponent(runId)}/observations`, ProfileColumns, { query: { kind: 'profile' } }),
    power: (runId: string) => rest(`runs/${encodeURIComponent(runId)}/power`, PowerDocument),
    deviceConsole: (id: string) => rest(`devices/${encodeURIComponent(id)}/console`, ConsoleDocument),
    runConsole: (id: string) => rest(`runs/${encodeURIComponent(id)}/console`, ConsoleDocument),
    plan: (variantId: string) => rest(`variants/${encodeURIComponent(variantId)}/plan`, PlanDocument),
    run: (id: string) => rest(`runs/${encodeURIComponent(id)}`, Run),
    runs: (query: { job?: string; device?: string; model?: string; cursor?: string }) =>
      rest('runs', RunPage, { query }),
    jobs: (query: { cursor?: string }) => rest('jobs', JobPage, { query }),
    job: (id: string) => rest(`jobs/${encodeURIComponent(id)}`, Job),
    artifact: (sha256: string) => bytes(`artifacts/${sha256}`),
    createJob: (body: JobCreate, key?: string) => rest('jobs', Job, { method: 'POST', body, ...idempotent(key) }),
    /** Those of a device that have not ended. */
    leases: (device: string) => rest('leases', listOf(Reservation), { query: { device } }),
    reserve: (body: Reserve) => rest('leases', Reservation, { method: 'POST', body }),
    commandLease: (seen: Seen, command: 'take' | 'release' | 'ask') => lease(seen, command),
    extendLease: (seen: Seen, forSeconds: number) => lease(seen, 'extend', { forSeconds }),
    handOverLease: (seen: Seen, to: string) => lease(seen, 'handover', { to }),
    answerLease: (seen: Seen, answer: LeaseAnswer) => lease(seen, 'answer', { answer }),
    forceLease: (seen: Seen, reason: string) => lease(seen, 'force', { reason }),
    sweep: (id: string) => rest(`sweeps/${encodeURIComponent(id)}`, Sweep),
    commandSweep: (id: string, command: 'pause' | 'resume' | 'cancel') =>
      rest(`sweeps/${encodeURIComponent(id)}/${command}`, Sweep, { method: 'POST', body: {} }),
    cancelJob: (id: string) => rest(`jobs/${encodeURIComponent(id)}/cancel`, Job, { method: 'POST', body: {} }),
    createModel: (body: ModelCreate, key?: string) =>
      rest('models', Model, { method: 'POST', body, ...idempotent(key) }),
    frontier: (query: FrontierAsk, signal?: AbortSignal) =>
      rest('frontier', Frontier, { query, ...(signal && { signal }) }),
    /** The first key is the reference. */
    comparison: (model: string, query: { device: string; protocol?: string | undefined; points: readonly string[] }) =>
      rest(`models/${encodeURIComponent(model)}/comparison?${comparisonSearch(query)}`, Comparison),
    createToken: (body: TokenCreate) => rest('tokens', TokenCreated, { method: 'POST', body }),
    createSession: (code: string) => rest('sessions', Session, { method: 'POST', body: { code } }),
    /** Any command of the verb table, by its route; the id of what came of it, where there is one. */
    command: (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) =>
      rest(path, Made, { method, ...(body !== undefined && { body }) }),
    endSession: () => rest('sessions/current', Nothing, { method: 'DELETE' }),
    createUpload: (body: UploadCreate) => rest('uploads', Upload, { method: 'POST', body }),
    upload: (id: string) => rest(`uploads/${encodeURIComponent(id)}`, Upload),
    appendUpload: (id: string, offset: number, bytes: Blob, signal?: AbortSignal) =>
      rest(`uploads/${encodeURIComponent(id)}`, Upload, {
        method: 'PATCH',
        body: bytes,
        headers: { [headers.uploadOffset]: String(offset) },
        ...(signal && { signal }),
      }),
  };
}

export type Api = ReturnType<typeof createApi>;
