import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Epoch, frameLimit } from '@hilltop/contracts';
import { WebSocketServer } from 'ws';
import type { Config } from '../config.js';
import { EmbeddedBroker } from './embedded-broker.js';
import { OutsideBroker } from './outside-broker.js';
import type { AgentAuthenticator, Transport, TransportEvents } from './transport.js';

/** Path of MQTT over WebSocket on the HTTP port: one open port is enough. */
export const mqttPath = '/mqtt';

/** Which broker carries the messages: the embedded one, unless the configuration names another. */
export class Broker {
  #embedded: EmbeddedBroker | undefined;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: frameLimit.after, perMessageDeflate: false });

  constructor(
    private readonly config: Config,
    private readonly epoch: Epoch,
    private readonly silenceMs: number,
  ) {}

  open(events: TransportEvents, authenticate: AgentAuthenticator): Transport {
    const nowMs = () => performance.now();
    const { config, epoch } = this;
    if (config.mqttUrl !== undefined) {
      return new OutsideBroker({ url: config.mqttUrl, epoch, silenceMs: this.silenceMs, nowMs }, events);
    }
    this.#embedded = new EmbeddedBroker(
      {
        listen: {
          host: config.listen,
          port: config.mqttPort,
          choice: config.mqttPortGiven ? 'given' : 'next-free',
          option: '--mqtt-port',
        },
        epoch,
        messagesPerSecond: config.limits.agentMessagesPerSecond,
        bytesPerSecond: config.limits.agentBytesPerSecond,
        refusalsPerMinute: config.limits.mqttRefusalsPerMinute,
        nowMs,
      },
      events,
      authenticate,
    );
    return this.#embedded;
  }

  /** What agents must know to connect. An outside broker's account is theirs, so it is not in the address. */
  get address(): { path: string; port?: number; url?: string } {
    if (this.config.mqttUrl !== undefined) {
      const url = new URL(this.config.mqttUrl);
      url.username = '';
      url.password = '';
      return { path: mqttPath, url: url.href };
    }
    const port = this.#embedded?.port;
    return { path: mqttPath, ...(port !== undefined && { port }) };
  }

  /** Takes over an upgrade of the HTTP port at `/mqtt`; false when there is no broker for it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const embedded = this.#embedded;
    if (!embedded) return false;
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => embedded.acceptWebSocket(webSocket, request));
    return true;
  }
}
