import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { SubscriptionCreate } from '@hilltop/contracts';
import type { Actor } from '../../access/actor.js';
import { LabIdentity } from '../../lab/lab-identity.js';
import { Database } from '../../links/database.js';
import { createLog } from '../../log.js';
import type { HandClock } from '../../schedules/testing/hand-clock.js';
import { Courier } from '../courier.js';
import { NewsBook } from '../news-book.js';
import { SubscriptionService } from '../subscription.service.js';

export const admin: Actor = { tokenId: 'tok_0000000a', userId: 'usr_0000000a', role: 'admin', name: 'Ana' };
export const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

/** The news of one coordinator over a real database. */
export class NewsBench {
  private constructor(
    readonly folder: string,
    readonly database: Database,
    readonly clock: HandClock,
    readonly book: NewsBook,
    readonly courier: Courier,
    readonly subscriptions: SubscriptionService,
  ) {}

  static async open(folder: string, clock: HandClock, newsHosts: string[]): Promise<NewsBench> {
    const log = createLog('silent');
    const database = await Database.open(join(folder, 'hilltop.db'), log);
    const identity = LabIdentity.load(folder);
    const book = new NewsBook(database, identity, clock);
    const courier = new Courier(
      database,
      identity,
      book,
      clock,
      { dataDir: folder, newsDir: undefined, newsHosts },
      log,
    );
    const subscriptions = new SubscriptionService(database, identity, book, courier, clock);
    const bench = new NewsBench(folder, database, clock, book, courier, subscriptions);
    courier.onApplicationBootstrap();
    await courier.idle();
    return bench;
  }

  async stop(): Promise<void> {
    await this.courier.onApplicationShutdown();
    await this.database.close();
  }

  add(to: SubscriptionCreate['to'], name = 'chat') {
    return this.subscriptions.create(admin, { name, to, ...(to.kind === 'webhook' && { secret }) });
  }

  /** Something happened in the lab, and everything that follows from it now is done. */
  async tell(key: string, kind: 'regression' | 'sweep-failed' = 'regression'): Promise<void> {
    await this.book.tell({ key, kind, data: { text: key } });
    await this.settled();
  }

  async pass(ms: number): Promise<void> {
    await this.clock.pass(ms, () => this.settled());
  }

  async settled(): Promise<void> {
    // What follows a commit begins in a microtask of its own.
    await this.database.write(() => undefined);
    await this.courier.idle();
  }
}

export interface Received {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
}

/** A receiver of webhooks: a real HTTP server that answers what it is told to. */
export async function receiver(): Promise<{
  readonly url: string;
  readonly host: string;
  readonly received: Received[];
  status: number;
  close: () => Promise<void>;
}> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const header = (name: string): string => String(request.headers[name]);
      received.push({
        id: header('webhook-id'),
        timestamp: header('webhook-timestamp'),
        signature: header('webhook-signature'),
        body,
      });
      response.writeHead(self.status, { location: `${self.url}elsewhere` }).end('ignored');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const self = {
    url: `http://${host}/`,
    host,
    received,
    status: 204,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return self;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
