import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type Device,
  errorOf,
  type Frontier,
  type Job,
  type JobCreate,
  LabError,
  type Model,
  type Run,
  type Topic,
  type Upload,
} from '@hilltop/contracts';
import { JsonProcess } from './process.js';
import { Watch } from './watch.js';

/** The repository's root: the nearest folder upward whose package is `hilltop`; the same from the sources and from a build. */
export const root = findRoot(import.meta.dirname);
function findRoot(folder: string): string {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'hilltop')
    return folder;
  if (dirname(folder) === folder) throw new Error('not inside the hilltop repository');
  return findRoot(dirname(folder));
}

export const example = (path: string): string => join(root, 'examples', path);

export interface LabOptions {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** A real coordinator in a process of its own, with a data directory of its own. */
export class TestLab {
  readonly home = mkdtempSync(join(tmpdir(), 'hilltop-test-'));
  readonly data = join(this.home, 'lab');
  readonly truthFile = join(this.home, 'truth.log');
  readonly agents: JsonProcess[] = [];
  readonly watches: Watch[] = [];
  server!: JsonProcess;
  url = '';
  mqttPort = 0;
  signInUrl = '';
  token = '';

  constructor(private readonly options: LabOptions = {}) {}

  /** Starts, or starts again on the same ports after `server.kill()`. */
  async start(): Promise<this> {
    const ports =
      this.url === ''
        ? ['--port', '0', '--mqtt-port', '0']
        : ['--port', new URL(this.url).port, '--mqtt-port', String(this.mqttPort)];
    this.server = new JsonProcess(
      'coordinator',
      [join(root, 'server/dist/main.js'), ...ports, '--data', this.data, ...(this.options.args ?? [])],
      {
        HILLTOP_LOG: 'info',
        HILLTOP_LIMIT_LOGINS: '1000',
        HILLTOP_LIMIT_MQTT_REFUSALS: '1000',
        HILLTOP_LIMIT_WRITES: '100000',
        ...this.options.env,
      },
    );
    const listening = await this.server.event((e) => e.event === 'listening');
    this.url = String(listening.url).replace(/\/$/, '');
    this.mqttPort = Number(listening.mqttPort ?? 0);
    this.signInUrl = String(listening.signInUrl);
    this.token = readFileSync(join(this.data, 'admin-token'), 'utf8').trim();
    return this;
  }

  async stop(): Promise<void> {
    for (const watch of this.watches) watch.close();
    await Promise.all(this.agents.map((a) => a.stop()));
    await this.server.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  async raw(
    method: string,
    path: string,
    init: { body?: unknown; bytes?: Uint8Array; headers?: Record<string, string>; token?: string } = {},
  ): Promise<Response> {
    const token = init.token ?? this.token;
    return fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...(init.body !== undefined && { 'content-type': 'application/json' }),
        ...(init.bytes && { 'content-type': 'application/octet-stream' }),
        ...init.headers,
      },
      ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
      ...(init.bytes && { body: init.bytes as BodyInit }),
    });
  }

  /** JSON answer; a problem document is thrown as the LabError it stands for. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.raw(method, `/api/v1${path}`, { ...(body !== undefined && { body }) });
    const text = await response.text();
    const value: unknown = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw errorOf(value) ?? new LabError('lab.internal', `${response.status} ${text.slice(0, 300)}`);
    return value as T;
  }

  async upload(bytes: Uint8Array): Promise<string> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const upload = await this.api<Upload>('POST', '/uploads', { sha256, bytes: bytes.byteLength });
    if (!upload.complete) {
      const response = await this.raw('PATCH', `/api/v1/uploads/${upload.id}`, {
        bytes,
        headers: { 'upload-offset': '0' },
      });
      if (!response.ok) throw errorOf(await response.json()) ?? new Error(`upload: ${response.status}`);
    }
    return sha256;
  }

  async push(
    name: string,
    files: { model: Uint8Array; evaluation?: Uint8Array; calibration?: Uint8Array; validation?: Uint8Array },
  ): Promise<Model> {
    const hashes: Record<string, string> = {};
    for (const [key, bytes] of Object.entries(files)) if (bytes) hashes[key] = await this.upload(bytes);
    return this.api<Model>('POST', '/models', { name, ...hashes });
  }

  /** The small sample model with its calibration set and an evaluation set of `items` of its validation images. */
  async pushSample(name = 'sample'): Promise<Model> {
    return this.push(name, {
      model: readFileSync(example('models/fashion-resnet-micro.onnx')),
      calibration: readFileSync(example('data/fashion-calibration.npz')),
      evaluation: readFileSync(example('data/fashion-validation.npz')),
    });
  }

  async joinToken(uses = 1): Promise<string> {
    return (await this.api<{ secret: string }>('POST', '/tokens', { kind: 'join', uses })).secret;
  }

  /** A real agent; `via`: another address for it, e.g. of a proxy. Resolves when its device is available. */
  async agent(
    name: string,
    options: { token?: string; env?: NodeJS.ProcessEnv; via?: string; args?: string[]; wait?: 'device' | 'none' } = {},
  ): Promise<JsonProcess> {
    const token = options.token ?? (await this.joinToken());
    const agent = new JsonProcess(
      `agent ${name}`,
      [
        join(root, 'agent/dist/main.js'),
        options.via ?? this.url,
        ...(token === '' ? [] : ['--token', token]),
        '--name',
        name,
        '--data',
        join(this.home, 'agents', name),
        '--json',
        ...(options.args ?? []),
      ],
      { HILLTOP_GROUND_TRUTH: this.truthFile, HILLTOP_LOG: 'info', ...options.env },
    );
    this.agents.push(agent);
    if (options.wait !== 'none')
      await this.watch('lab').until(
        (e) => [...e.device.values()].find((d) => d.name === name && d.state === 'available'),
        60_000,
      );
    return agent;
  }

  watch(topic: Topic): Watch {
    const watch = new Watch(this.url, this.token, topic);
    this.watches.push(watch);
    return watch;
  }

  async device(name: string): Promise<Device> {
    return this.api<Device>('GET', `/devices/${name}`);
  }

  async submit(job: JobCreate): Promise<Job> {
    return this.api<Job>('POST', '/jobs', job);
  }

  async ended(jobId: string, timeoutMs = 120_000): Promise<Job> {
    const watch = this.watch(`job/${jobId}`);
    const job = await watch.until(
      (e) => [...e.job.values()].find((j) => j.id === jobId && ['succeeded', 'failed', 'cancelled'].includes(j.state)),
      timeoutMs,
    );
    watch.close();
    return job;
  }

  async runs(jobId: string): Promise<Run[]> {
    return (await this.api<{ items: Run[] }>('GET', `/runs?job=${jobId}&limit=200`)).items;
  }

  async frontier(query: string): Promise<Frontier> {
    return this.api<Frontier>('GET', `/frontier?${query}`);
  }
}

export const startLab = (options: LabOptions = {}): Promise<TestLab> => new TestLab(options).start();
