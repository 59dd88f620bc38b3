import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { channels, Identity, version } from '@hilltop/agent';
import {
  AgentJoined,
  agentChannels,
  agentPrefix,
  type ChannelName,
  type ChannelPayload,
  type DeviceReport,
  errorOf,
  type JournalBatch,
  type JournalEvent,
  journalWindow,
  LabKey,
  parseTopic,
  type RunStart,
  type Welcome,
  wireProtocol,
} from '@hilltop/contracts';
import mqtt, { type MqttClient } from 'mqtt';

export interface SimAgentOptions {
  readonly url: string;
  /** Join token with its `.16hex` tail. */
  readonly token: string;
  readonly name: string;
  /** What its device says of itself, where that is not a simulated host with nothing to read. */
  readonly device?: Partial<DeviceReport>;
  readonly onStart?: (start: RunStart) => void;
  /** Every message of the lab, decoded. */
  readonly onMessage?: <C extends ChannelName>(channel: C, payload: ChannelPayload<C>, wireBytes: number) => void;
}

interface Queued {
  readonly seq: number;
  readonly event: JournalEvent;
  /** Size on the wire, about: what counts against the window. */
  readonly bytes: number;
}

const sha256Hex = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
/** Silence after which everything unacknowledged is sent again, ms; as the real agent. */
const resendMs = 5000;

/**
 * An agent without hardware that speaks the real protocol: joins with its own Ed25519 key, connects over WebSocket
 * with a signed assertion, says hello, keeps a journal (in memory) and honours the window and the acknowledgements.
 * Its device is a stated stand-in: emulated, without a runtime of its own.
 */
export class SimAgent {
  readonly bootId = randomUUID();
  readonly journalId = randomUUID();
  deviceId: string | undefined;
  /** Records acknowledged after commit. */
  acknowledged = 0;
  /** Times that something had to be sent again. */
  resends = 0;
  private last = 0;
  private next = 1;
  private queue: Queued[] = [];
  private readonly held = new Map<string, number>();
  private readonly fences = new Map<string, number>();
  private readonly waiting = new Set<() => void>();
  private client!: MqttClient;
  private resendTimer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly options: SimAgentOptions,
    private readonly identity: Identity,
    readonly member: AgentJoined,
  ) {}

  /** Enrols: compares the lab's fingerprint with the token's tail, then proves its key. */
  static async join(options: SimAgentOptions): Promise<SimAgent> {
    const [joinToken, tail] = options.token.split('.') as [string, string];
    const key = LabKey.parse(await (await fetch(`${options.url}/api/v1/lab/key`)).json());
    if (key.fingerprint !== tail) throw new Error('another lab made this token');
    const identity = new Identity(generateKeyPairSync('ed25519').privateKey);
    const nonce = randomBytes(16).toString('base64url');
    const proof = identity.sign(`hilltop-join|${key.fingerprint}|${sha256Hex(joinToken)}|${nonce}`);
    const response = await fetch(`${options.url}/api/v1/agents`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ joinToken, publicKey: identity.publicKey, name: options.name, nonce, proof }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw errorOf(answer) ?? new Error(`joining: ${response.status}`);
    return new SimAgent(options, identity, AgentJoined.parse(answer));
  }

  private get prefix(): string {
    return agentPrefix(this.member.shard, this.member.agentId);
  }

  /** Connects and says hello; resolves with the lab's welcome. */
  async connect(): Promise<Welcome> {
    const { agentId, labId } = this.member;
    this.client = await mqtt.connectAsync(`${this.options.url.replace(/^http/, 'ws')}/mqtt`, {
      clientId: agentId,
      username: agentId,
      password: this.identity.assertion(labId, this.bootId, Math.floor(Date.now() / 1000)),
      protocolVersion: 4,
      clean: true,
      resubscribe: false,
      reconnectPeriod: 0,
      queueQoSZero: false,
      keepalive: 60,
      connectTimeout: 20_000,
    });
    let greet: (welcome: Welcome) => void = () => undefined;
    const welcomed = new Promise<Welcome>((resolve) => {
      greet = resolve;
    });
    this.client.on('message', (topic, payload) => this.receive(topic, payload, greet));
    this.client.on('close', () => this.wake());
    await this.client.subscribeAsync(`${this.prefix}/down/#`, { qos: 1 });
    this.publish('up/hello', {
      protocol: wireProtocol,
      version,
      bootId: this.bootId,
      journalId: this.journalId,
      firstSeq: 1,
      lastSeq: this.last,
      running: [],
      maxFence: Object.fromEntries(this.fences),
      cache: { count: 0, bytes: 0 },
      devices: [
        {
          key: 'host',
          name: this.options.name,
          kind: 'host',
          type: 'simulated',
          emulated: true,
          labels: {},
          facts: {
            cpuFeatures: [],
            cores: 1,
            memoryBytes: 2 ** 30,
            arch: process.arch,
            os: 'simulated',
            runtimes: [{ name: 'onnxruntime', version: 'simulated', providers: ['cpu'] }],
            evidence: [],
          },
          ...this.options.device,
        },
      ],
    });
    const welcome = await welcomed;
    this.deviceId = welcome.devices[0]?.deviceId;
    return welcome;
  }

  publish<C extends ChannelName>(channel: C, payload: ChannelPayload<C>): void {
    this.client.publish(`${this.prefix}/${channel}`, Buffer.from(channels.encode(channel, payload)), {
      qos: agentChannels[channel].qos,
    });
  }

  /** Renews what is held; the real one does it every 10 s. */
  heartbeat(): void {
    this.publish('up/heartbeat', {
      bootId: this.bootId,
      renew: [...this.held].map(([runId, fence]) => ({ runId, fence })),
      devices: this.deviceId ? [{ deviceId: this.deviceId }] : [],
    });
  }

  /** Takes a record into the journal and sends it as soon as the window allows. `bytes`: its payload's size. */
  append(event: JournalEvent, bytes = 200): number {
    this.last += 1;
    this.queue.push({ seq: this.last, event, bytes });
    this.pump();
    return this.last;
  }

  get unacknowledged(): number {
    return this.last - this.acknowledged;
  }

  /** Resolves when at most `count` records wait for their acknowledgement; rejects when the connection is gone. */
  async below(count: number): Promise<void> {
    while (this.unacknowledged > count) {
      if (!this.client.connected)
        throw new Error(
          `${this.options.name}: the connection is gone with ${this.unacknowledged} records unacknowledged`,
        );
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.resendTimer);
    await this.client.endAsync(true);
  }

  private receive(topic: string, payload: Buffer, greet: (welcome: Welcome) => void): void {
    const channel = parseTopic(topic)?.channel;
    if (!channel) return;
    const message = channels.decode(channel, payload);
    this.options.onMessage?.(channel, message, payload.length);
    if (channel === 'down/welcome') greet(message as Welcome);
    if (channel === 'down/ack') this.take((message as ChannelPayload<'down/ack'>).nextSeq);
    if (channel === 'down/nack') this.again((message as ChannelPayload<'down/nack'>).expect);
    if (channel === 'down/run.start') this.begin(message as RunStart);
    if (channel === 'down/refused') throw new Error(`refused: ${(message as ChannelPayload<'down/refused'>).message}`);
  }

  private begin(start: RunStart): void {
    if (start.fence <= (this.fences.get(start.deviceId) ?? 0)) return;
    this.fences.set(start.deviceId, start.fence);
    this.held.set(start.runId, start.fence);
    this.options.onStart?.(start);
  }

  /** The run is over here: no longer renewed. */
  release(runId: string): void {
    this.held.delete(runId);
  }

  private take(nextSeq: number): void {
    this.acknowledged = Math.max(this.acknowledged, nextSeq - 1);
    this.queue = this.queue.filter((record) => record.seq > this.acknowledged);
    this.next = Math.max(this.next, nextSeq);
    this.pump();
    this.wake();
  }

  private again(from: number): void {
    this.resends += 1;
    this.next = Math.max(from, this.acknowledged + 1);
    this.pump();
  }

  /** Sends what the window allows: at most so many records and bytes without an acknowledgement, as the real outbox. */
  private pump(): void {
    let bytes = 0;
    const records: JournalBatch['records'] = [];
    for (const { seq, event, bytes: size } of this.queue) {
      if (seq - this.acknowledged > journalWindow.records || (bytes > 0 && bytes + size > journalWindow.bytes)) break;
      bytes += size;
      if (seq >= this.next) records.push({ seq, event });
    }
    if (records.length > 0) {
      this.next = records.at(-1)!.seq + 1;
      this.publish('up/journal', { journalId: this.journalId, records });
    }
    clearTimeout(this.resendTimer);
    if (this.unacknowledged > 0) this.resendTimer = setTimeout(() => this.again(this.acknowledged + 1), resendMs);
  }

  private wake(): void {
    for (const wake of this.waiting) {
      this.waiting.delete(wake);
      wake();
    }
  }
}
