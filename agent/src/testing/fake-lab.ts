import { createHash, createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AgentJoin,
  agentChannels,
  agentPrefix,
  type ChannelName,
  type ChannelPayload,
  chunkBytes,
  epochTopic,
  type Hello,
  type JournalBatch,
  type JournalEvent,
  MqttAssertion,
  parseTopic,
  type RunStart,
  shardOf,
  type Welcome,
} from '@hilltop/contracts';
import { Aedes, type Client } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { channels } from '../cbor.js';

/** What the lab saw, in order; waiting is by condition, never by time. */
export interface Seen {
  readonly channel: ChannelName;
  readonly payload: unknown;
}

/**
 * A small coordinator that speaks the real protocol over a real broker: enrolment, hello, journal with a cursor
 * and acknowledgements, blobs in chunks. Tests steer what it withholds.
 */
export class FakeLab {
  readonly seen: Seen[] = [];
  readonly events: JournalEvent[] = [];
  readonly blobs = new Map<string, Uint8Array>();
  readonly cursors = new Map<string, number>();
  /** Set to answer hellos with something else. */
  welcomeExtra: Partial<Welcome> = {};
  acknowledging = true;
  answeringChunks = true;
  chunksSent = 0;
  /** Broker refuses logins with this code; undefined lets them in. */
  refuseLogin: number | undefined;
  epoch = 'epoch-1';
  publicKey = '';
  readonly token: string;
  private readonly key = generateKeyPairSync('ed25519');
  private readonly waiting = new Set<() => void>();
  private readonly clients = new Set<Client>();
  private http!: Server;
  private broker!: Aedes;
  joins = 0;

  private constructor() {
    this.token = `hlt_join_${'a'.repeat(36)}.${this.fingerprint}`;
  }

  static async start(): Promise<FakeLab> {
    const lab = new FakeLab();
    await lab.listen();
    return lab;
  }

  readonly agentId = 'agent-1';
  readonly labId = 'lab_12345678';
  readonly deviceId = 'dev_12345678';
  /** The machine itself has `deviceId`; its boards have ids of their own. */
  deviceIdOf(key: string): string {
    return key === 'host' ? this.deviceId : `dev_${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
  }
  get shard(): number {
    return shardOf(createHash('sha256').update(this.agentId).digest());
  }
  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }
  private get rawKey(): string {
    return this.key.publicKey.export({ format: 'jwk' }).x!;
  }
  get fingerprint(): string {
    return createHash('sha256').update(Buffer.from(this.rawKey, 'base64url')).digest('hex').slice(0, 16);
  }

  private async listen(): Promise<void> {
    this.broker = await Aedes.createBroker();
    this.broker.authenticate = (client, username, password, done) => {
      const refused = this.refuseLogin ?? (this.trusts(client.id, username, password?.toString()) ? undefined : 5);
      if (refused !== undefined)
        return done(Object.assign(new Error('not authorized'), { returnCode: refused }), false);
      done(null, true);
    };
    this.broker.on('clientReady', (client) => this.clients.add(client));
    this.broker.on('clientDisconnect', (client) => this.clients.delete(client));
    this.broker.on('publish', (packet, client) => {
      const topic = client && parseTopic(packet.topic);
      if (topic) this.receive(topic.channel, packet.payload as Buffer);
    });
    await this.publishEpoch();
    this.http = createServer((request, response) => {
      const answer = (status: number, body: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      };
      if (request.url === '/api/v1/lab/key')
        return answer(200, { labId: this.labId, publicKey: this.rawKey, fingerprint: this.fingerprint });
      let text = '';
      request.on('data', (part) => {
        text += part;
      });
      request.on('end', () => answer(201, this.join(AgentJoin.parse(JSON.parse(text)))));
    });
    const sockets = new WebSocketServer({ server: this.http, path: '/mqtt' });
    sockets.on('connection', (socket) => this.broker.handle(createWebSocketStream(socket) as never));
    this.http.listen(0, '127.0.0.1');
    await once(this.http, 'listening');
  }

  private join(join: AgentJoin): unknown {
    this.joins++;
    const tokenHash = createHash('sha256').update(join.joinToken).digest('hex');
    if (!this.signed(join.publicKey, `hilltop-join|${this.fingerprint}|${tokenHash}|${join.nonce}`, join.proof))
      throw new Error('proof does not hold');
    this.publicKey = join.publicKey;
    return { agentId: this.agentId, labId: this.labId, shard: this.shard };
  }

  private signed(publicKey: string, text: string, signature: string): boolean {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  }

  private trusts(clientId: string, username: string | undefined, password: string | undefined): boolean {
    const [body, signature] = (password ?? '').split('.');
    if (
      clientId !== this.agentId ||
      username !== this.agentId ||
      !body ||
      !signature ||
      !this.signed(this.publicKey, body, signature)
    )
      return false;
    return MqttAssertion.parse(JSON.parse(Buffer.from(body, 'base64url').toString())).aud === this.labId;
  }

  private receive(channel: ChannelName, bytes: Buffer): void {
    const payload = channels.decode(channel, bytes);
    this.seen.push({ channel, payload });
    if (channel === 'up/hello') this.welcome(payload as Hello);
    if (channel === 'up/journal') this.take(payload as JournalBatch);
    if (channel === 'up/blob.request') this.manifest(payload as ChannelPayload<'up/blob.request'>);
    if (channel === 'up/chunk.request') this.chunks(payload as ChannelPayload<'up/chunk.request'>);
    for (const check of [...this.waiting]) check();
  }

  private welcome(hello: Hello): void {
    this.send('down/welcome', {
      bootId: hello.bootId,
      epoch: this.epoch,
      journalId: hello.journalId,
      nextSeq: this.cursors.get(hello.journalId) ?? 1,
      continue: hello.running,
      abort: [],
      devices: hello.devices.map(({ key }) => ({ key, deviceId: this.deviceIdOf(key), fence: 0 })),
      ...this.welcomeExtra,
    });
  }

  private take(batch: JournalBatch): void {
    let next = this.cursors.get(batch.journalId) ?? 1;
    if (batch.records[0]!.seq > next) {
      this.send('down/nack', { journalId: batch.journalId, expect: next });
      return;
    }
    for (const { seq, event } of batch.records) {
      if (seq !== next) continue;
      if (event.type !== 'unreadable') this.events.push(event);
      next++;
    }
    this.cursors.set(batch.journalId, next);
    if (this.acknowledging) this.send('down/ack', { journalId: batch.journalId, nextSeq: next });
  }

  private manifest(request: ChannelPayload<'up/blob.request'>): void {
    const blob = this.blobs.get(request.sha256);
    if (!blob) {
      this.send('down/blob.manifest', {
        ...request,
        bytes: 0,
        chunkBytes,
        chunks: new Uint8Array(),
        error: { code: 'blob.missing', message: 'no such blob' },
      });
      return;
    }
    const hashes: Buffer[] = [];
    for (let at = 0; at < blob.length; at += chunkBytes)
      hashes.push(
        createHash('sha256')
          .update(blob.subarray(at, at + chunkBytes))
          .digest(),
      );
    this.send('down/blob.manifest', {
      ...request,
      bytes: blob.length,
      chunkBytes,
      chunks: new Uint8Array(Buffer.concat(hashes)),
    });
  }

  private chunks(request: ChannelPayload<'up/chunk.request'>): void {
    if (!this.answeringChunks) return;
    for (const index of request.indices) {
      this.chunksSent++;
      const data = this.blobs.get(request.sha256)!.slice(index * chunkBytes, (index + 1) * chunkBytes);
      this.send('down/chunk', { requestId: request.requestId, sha256: request.sha256, index, encoding: 'raw', data });
    }
  }

  send<C extends ChannelName>(channel: C, payload: ChannelPayload<C>): void {
    this.broker.publish(
      {
        cmd: 'publish',
        topic: `${agentPrefix(this.shard, this.agentId)}/${channel}`,
        payload: Buffer.from(channels.encode(channel, payload)),
        qos: agentChannels[channel].qos,
        retain: false,
        dup: false,
      },
      () => undefined,
    );
  }

  addBlob(bytes: Uint8Array): { sha256: string; bytes: number } {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.blobs.set(sha256, bytes);
    return { sha256, bytes: bytes.length };
  }

  start(run: RunStart): void {
    this.send('down/run.start', run);
  }

  async publishEpoch(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.broker.publish(
        {
          cmd: 'publish',
          topic: epochTopic,
          payload: Buffer.from(JSON.stringify({ epoch: this.epoch, labId: this.labId })),
          qos: 1,
          retain: true,
          dup: false,
        },
        () => resolve(),
      );
    });
  }

  /** Resolves with the first value the search gives, now or after a later message. */
  until<T>(search: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const check = (): void => {
        const found = search();
        if (found === undefined) return;
        this.waiting.delete(check);
        resolve(found);
      };
      this.waiting.add(check);
      check();
    });
  }

  /** Waits for the n-th (from 1) message of a channel. */
  message<C extends ChannelName>(channel: C, nth = 1): Promise<ChannelPayload<C>> {
    return this.until(
      () => this.seen.filter((s) => s.channel === channel)[nth - 1]?.payload as ChannelPayload<C> | undefined,
    );
  }

  ended(runId: string): Promise<Extract<JournalEvent, { type: 'run.ended' }>> {
    return this.until(() =>
      this.events.find(
        (e): e is Extract<JournalEvent, { type: 'run.ended' }> => e.type === 'run.ended' && e.runId === runId,
      ),
    );
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const client of this.clients) client.conn.destroy();
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.broker.close(() => resolve()));
    this.http.closeAllConnections();
    await new Promise<void>((resolve) => this.http.close(() => resolve()));
  }
}

/** A random id of a kind, as the lab makes them. */
export const newId = (kind: string): string => `${kind}_${randomBytes(8).toString('hex')}`;
