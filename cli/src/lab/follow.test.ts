import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Changes,
  type ClientEvents,
  isLabError,
  type ServerEvents,
  type Snapshot,
  type Subscribe,
  type SubscribeAnswer,
} from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Server } from 'socket.io';
import { sampleJob } from '../testing/samples.js';
import { followTopic } from './follow.js';

let http: HttpServer;
let io: Server<ClientEvents, ServerEvents>;
let url: string;
beforeEach(async () => {
  http = createServer();
  io = new Server(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(() => io.close());

const topic = 'job/job_00000001';
const job = (state: 'running' | 'succeeded') => ({
  kind: 'job' as const,
  id: 'job_00000001',
  value: sampleJob({ state }),
});
const snapshot = (epoch: string, revision: number): Snapshot => ({
  topic,
  epoch,
  revision,
  entities: [job('running')],
});
const changes = (epoch: string, from: number, to: number): Changes => ({
  topic,
  epoch,
  from,
  to,
  changes: [job('succeeded')],
});

/** Serves subscriptions; each is answered as the test says, and what follows is sent after the answer. */
function serve(
  onSubscribe: (request: Subscribe, count: number) => { answer: SubscribeAnswer; next?: Changes; drop?: boolean },
): Subscribe[] {
  const asked: Subscribe[] = [];
  io.on('connection', (socket) => {
    socket.on('subscribe', (request, answer) => {
      asked.push(request);
      const reply = onSubscribe(request, asked.length);
      answer(reply.answer);
      if (reply.next) socket.emit('changes', reply.next);
      if (reply.drop) socket.conn.close();
    });
  });
  return asked;
}

const follow = () =>
  followTopic({
    address: { url, token: 't' },
    topic,
    onChanges: () => undefined,
    until: (entities) => entities.job.get('job_00000001')?.state === 'succeeded',
  });

describe('followTopic', () => {
  it('[CLI-11] takes the snapshot, then changes, until what it waits for', async () => {
    serve(() => ({ answer: { ok: true, snapshot: snapshot('e1', 4) }, next: changes('e1', 4, 5) }));
    expect((await follow()).job.get('job_00000001')?.state).toBe('succeeded');
  });

  it('[CLI-11] comes back by itself after a cut and says what it has', async () => {
    const asked = serve((_, count) =>
      count === 1
        ? { answer: { ok: true, snapshot: snapshot('e1', 4) }, drop: true }
        : { answer: { ok: true, changes: changes('e1', 4, 9) } },
    );
    await follow();
    expect(asked).toEqual([{ topic }, { topic, have: { epoch: 'e1', revision: 4 } }]);
  });

  it('[CLI-11] asks again when changes are missing', async () => {
    const asked = serve((_, count) =>
      count === 1
        ? { answer: { ok: true, snapshot: snapshot('e1', 4) }, next: changes('e1', 7, 8) }
        : { answer: { ok: true, changes: changes('e1', 4, 8) } },
    );
    await follow();
    expect(asked.length).toBe(2);
  });

  it('[CLI-11] a refusal ends it', async () => {
    serve(() => ({ answer: { ok: false, error: { code: 'auth.forbidden', message: 'no' } } }));
    const error = await follow().catch((caught: unknown) => caught);
    expect(isLabError(error) && error.details.code).toBe('auth.forbidden');
  });
});
