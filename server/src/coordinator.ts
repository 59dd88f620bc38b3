import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { sweepFileSchema } from '@hilltop/contracts';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Express } from 'express';
import { HostPolicy } from './access/host-policy.js';
import { httpPolicy, refusalOf } from './access/http-policy.js';
import { requireDeclaredAccess } from './access/routes.js';
import { AppModule, appModule } from './app.module.js';
import { type Config, labUrls } from './config.js';
import { observeRequests } from './health/observe-requests.js';
import { LabAddress } from './lab/lab-address.js';
import { LabIdentity } from './lab/lab-identity.js';
import { AgentLink } from './links/agent-link.js';
import { Broker, mqttPath } from './links/broker.js';
import { lockData } from './links/data-lock.js';
import { Database } from './links/database.js';
import { listenOnPort } from './links/listen.js';
import { SocketAdapter } from './links/socket-adapter.js';
import type { Log } from './log.js';
import { LogAdapter } from './log-adapter.js';
import { openApiOf } from './openapi/document.js';
import { SessionService } from './sessions/session.service.js';
import { serveFiles } from './static-files.js';

/** What the coordinator says of itself when it is ready. */
export interface Listening {
  readonly url: string;
  readonly urls: readonly string[];
  readonly mqttPort: number | undefined;
  readonly labId: string;
  /** Address with a one-time sign-in code for the first user. */
  readonly signInUrl: string;
  readonly dataDir: string;
}

export interface Coordinator {
  readonly app: INestApplication;
  readonly listening: Listening;
  close(): Promise<void>;
}

/** A client that has not sent its headers by then is none. */
const headersTimeoutMs = 10_000;
/** Longer than clients keep an idle connection, so that none is closed while it is being used again. */
const keepAliveMs = 65_000;

/**
 * Starts everything in this process. Throws `lab.data-locked`, `lab.schema-newer`, `lab.port-taken`, or a plain Error
 * for a route without declared access.
 */
export async function startCoordinator(config: Config, log: Log): Promise<Coordinator> {
  requireDeclaredAccess(AppModule);
  const lock = lockData(config.dataDir);
  let app: NestExpressApplication | undefined;
  try {
    app = await NestFactory.create<NestExpressApplication>(appModule(config, log), {
      logger: new LogAdapter(log),
      abortOnError: false,
      bodyParser: false,
    });
    const listening = await open(app, config, log);
    const opened = app;
    return {
      app,
      listening,
      async close() {
        await shut(opened);
        lock.release();
      },
    };
  } catch (error) {
    if (app) await shut(app);
    lock.release();
    throw error;
  }
}

async function open(app: NestExpressApplication, config: Config, log: Log): Promise<Listening> {
  const hosts = app.get(HostPolicy);
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(observeRequests(app), ...httpPolicy(hosts));
  app.useWebSocketAdapter(new SocketAdapter(app, hosts));
  const document = openApiOf(AppModule);
  const express: Express = app.getHttpAdapter().getInstance();
  express.get('/api/openapi.json', (_request, response) => void response.json(document));
  const sweepSchema = sweepFileSchema();
  express.get('/api/sweep.schema.json', (_request, response) => void response.json(sweepSchema));
  serveFiles(express, config);
  const server: Server = app.getHttpServer();
  server.headersTimeout = headersTimeoutMs;
  server.keepAliveTimeout = keepAliveMs;
  server.requestTimeout = 0; // uploads take as long as they need; other bodies have a limit of their own
  acceptUpgrades(server, hosts, app.get(Broker), log);
  await app.init();
  const link = app.get(AgentLink);
  await link.start();
  const port = await listenOnPort(server, {
    host: config.listen,
    port: config.port,
    choice: config.portGiven ? 'given' : 'next-free',
    option: '--port',
  });
  const address = app.get(LabAddress);
  address.urls = labUrls(config, port);
  const { url: signInUrl } = await app.get(SessionService).createFirstCode();
  return {
    url: address.urls[0]!,
    urls: address.urls,
    mqttPort: app.get(Broker).address.port,
    labId: app.get(LabIdentity).labId,
    signInUrl,
    dataDir: config.dataDir,
  };
}

/** MQTT over WebSocket; Socket.IO takes its own path, everything else is nobody's. */
function acceptUpgrades(server: Server, hosts: HostPolicy, broker: Broker, log: Log): void {
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? '').split('?')[0]!;
    if (path.startsWith('/socket.io/')) return;
    const refusal = refusalOf(() => {
      hosts.checkHost(request.headers.host);
      hosts.checkOrigin(request.headers.origin, request.headers.host);
    });
    if (refusal) log.warn({ reason: refusal.code, path }, 'upgrade refused');
    if (!refusal && path === mqttPath && broker.upgrade(request, socket, head)) return;
    const status = refusal ? `${refusal.status} Refused` : '404 Not Found';
    socket.on('error', () => undefined); // it is gone already
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  });
}

/** New work stops first, then connections, then the database when nothing writes any more. */
async function shut(app: NestExpressApplication): Promise<void> {
  const server: Server = app.getHttpServer();
  server.close();
  await app.get(AgentLink).stop();
  server.closeAllConnections();
  await app.close();
  await app.get(Database).close();
}
