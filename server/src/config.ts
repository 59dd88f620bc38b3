import { homedir, networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LabError, leaseLimits } from '@hilltop/contracts';
import * as z from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' });
const mqttUrl = z.url({ protocol: /^(mqtts?|wss?)$/, error: 'must be an mqtt://, mqtts://, ws:// or wss:// address' });

const Limits = z.strictObject({
  /** Sign-ins and joins per minute and address. */
  loginsPerMinute: z.coerce.number().int().min(1).default(5),
  /** Mutating requests per minute and token. */
  writesPerMinute: z.coerce.number().int().min(1).default(600),
  /** Largest upload. */
  uploadBytes: z.coerce
    .number()
    .int()
    .min(1)
    .default(2 ** 30),
  /** Refused MQTT connections per minute and address. */
  mqttRefusalsPerMinute: z.coerce.number().int().min(1).default(10),
  /** Of one agent, sustained; ten times as much in a burst. */
  agentMessagesPerSecond: z.coerce.number().min(1).default(200),
  agentBytesPerSecond: z.coerce.number().min(1024).default(2_000_000),
  /** Writes of the database that wait, before new ones are refused. */
  queuedWrites: z.coerce.number().int().min(1).default(500),
  /** Longest lease of a device, extensions included. */
  leaseSeconds: z.coerce
    .number()
    .int()
    .min(60)
    .max(366 * 86_400)
    .default(leaseLimits.longestSeconds),
});
export type Limits = z.infer<typeof Limits>;

const Settings = z.object({
  listen: z.union([z.ipv4(), z.ipv6(), z.literal('localhost')], 'must be an IP address').default('127.0.0.1'),
  port: port.default(7070),
  mqttPort: port.default(1883),
  publicUrls: z.array(httpUrl).default([]),
  mqttUrl: mqttUrl.optional(),
  dataDir: z
    .string()
    .min(1)
    .default(join(homedir(), '.local', 'share', 'hilltop')),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** Built page, and the package agents install; both may be absent. */
  dashboardDir: z.string(),
  agentPackage: z.string(),
  /** Compiled entry of the worker threads. */
  workerFile: z.string(),
  /** Hosts that webhooks may reach by http, or on this machine. */
  newsHosts: z.array(z.string().min(1).max(300)).default([]),
  /** Below it are the folders that news is written to; absent: `news` in the data directory. */
  newsDir: z.string().min(1).optional(),
  /** How long what was typed and printed on consoles is kept. */
  consoleDays: z.coerce.number().int().min(1).max(3650).default(30),
  limits: Limits.prefault({}),
});

/** How this coordinator runs: read once from arguments and environment, then never again. */
export type Config = z.infer<typeof Settings> & {
  /** A port that was asked for is never exchanged for another. */
  readonly portGiven: boolean;
  readonly mqttPortGiven: boolean;
};
/** Injection token of the configuration. */
export const CONFIG = Symbol('config');

const options = {
  port: { type: 'string' },
  'mqtt-port': { type: 'string' },
  listen: { type: 'string' },
  'public-url': { type: 'string', multiple: true },
  'mqtt-url': { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const limitVariables: ReadonlyArray<readonly [keyof Limits, string]> = [
  ['loginsPerMinute', 'HILLTOP_LIMIT_LOGINS'],
  ['writesPerMinute', 'HILLTOP_LIMIT_WRITES'],
  ['uploadBytes', 'HILLTOP_LIMIT_UPLOAD_BYTES'],
  ['mqttRefusalsPerMinute', 'HILLTOP_LIMIT_MQTT_REFUSALS'],
  ['agentMessagesPerSecond', 'HILLTOP_LIMIT_AGENT_MESSAGES'],
  ['agentBytesPerSecond', 'HILLTOP_LIMIT_AGENT_BYTES'],
  ['leaseSeconds', 'HILLTOP_LIMIT_LEASE_SECONDS'],
];

/** Reads arguments and environment; throws `request.invalid` listing every fault. */
export function readConfig(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Config {
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    ({ values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }));
  } catch (error) {
    throw new LabError('request.invalid', error instanceof Error ? error.message : String(error));
  }
  const root = resolve(import.meta.dirname, '..', '..');
  const limits = limitVariables.filter(([, name]) => env[name] !== undefined).map(([key, name]) => [key, env[name]]);
  const parsed = Settings.safeParse({
    listen: values.listen ?? env.HILLTOP_LISTEN,
    port: values.port ?? env.HILLTOP_PORT,
    mqttPort: values['mqtt-port'] ?? env.HILLTOP_MQTT_PORT,
    publicUrls: values['public-url'],
    mqttUrl: values['mqtt-url'] ?? env.HILLTOP_MQTT_URL,
    dataDir: values.data ?? env.HILLTOP_DATA,
    logLevel: env.HILLTOP_LOG,
    dashboardDir: env.HILLTOP_DASHBOARD ?? join(root, 'dashboard', 'dist'),
    agentPackage: env.HILLTOP_AGENT_PACKAGE ?? join(root, 'dist', 'agent.tgz'),
    workerFile: join(import.meta.dirname, 'worker-entry.cjs'),
    newsHosts: env.HILLTOP_NEWS_HOSTS?.split(',').map((host) => host.trim()),
    newsDir: env.HILLTOP_NEWS_DIR,
    consoleDays: env.HILLTOP_CONSOLE_DAYS,
    limits: Object.fromEntries(limits),
  });
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new LabError('request.invalid', faults.join('; '), { faults });
  }
  const strict = env.HILLTOP_PORT_STRICT !== undefined;
  return {
    ...parsed.data,
    dataDir: resolve(parsed.data.dataDir),
    portGiven: strict || values.port !== undefined || env.HILLTOP_PORT !== undefined,
    mqttPortGiven: strict || values['mqtt-port'] !== undefined || env.HILLTOP_MQTT_PORT !== undefined,
  };
}

/** Whether only this machine can reach the address. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || address.startsWith('127.');
}

/** Addresses under which the lab can be reached; the first one is for this machine. */
export function labUrls(config: Config, boundPort: number): string[] {
  const host = (address: string) => (address.includes(':') ? `[${address}]` : address);
  const everywhere = config.listen === '0.0.0.0' || config.listen === '::';
  const own = everywhere ? '127.0.0.1' : config.listen;
  const outside = everywhere
    ? Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .filter((address) => !address.internal && address.family === 'IPv4')
        .map((address) => address.address)
    : [];
  const urls = [own, ...outside].map((address) => `http://${host(address)}:${boundPort}`);
  return [...new Set([...urls, ...config.publicUrls.map((url) => url.replace(/\/+$/, ''))])];
}
