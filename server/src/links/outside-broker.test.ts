import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect as dialTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentPrefix, epochTopic } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAsync } from 'mqtt';
import { emitted } from '../testing/emitted.js';
import { startLab, type TestLab } from '../testing/start-lab.js';
import { AgentLink, shardOfAgent } from './agent-link.js';
import { OutsideBroker } from './outside-broker.js';

const mosquitto = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'].find((path) =>
  existsSync(path),
);

/** The access list of the operator guide: an agent's user name is its id. */
const rules = `user lab
topic readwrite hilltop/v1/#
pattern write hilltop/v1/+/%u/up/#
pattern read hilltop/v1/+/%u/down/#
pattern read hilltop/v1/lab/epoch
`;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
};

const reachable = async (port: number): Promise<void> => {
  for (;;) {
    const socket = dialTcp(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
  }
};

(mosquitto ? describe : describe.skip)('outside broker (Mosquitto)', () => {
  it('[MQTT-12] that is not there is said at once', async () => {
    await expect(startLab({ args: ['--mqtt-url', `mqtt://127.0.0.1:${await freePort()}`] })).rejects.toMatchObject({
      code: 'link.unreachable',
    });
  });

  let folder: string;
  let broker: ChildProcess;
  let lab: TestLab;
  let link: AgentLink;
  let port: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hilltop-mosquitto-'));
    port = await freePort();
    writeFileSync(join(folder, 'acl'), rules);
    // Passwords are Mosquitto's own business; who one is called is what the access list reads.
    writeFileSync(
      join(folder, 'conf'),
      `listener ${port} 127.0.0.1\nallow_anonymous true\nacl_file ${join(folder, 'acl')}\npersistence false\nuser root\n`,
    );
    broker = spawn(mosquitto!, ['-c', join(folder, 'conf')], { stdio: 'ignore' });
    await reachable(port);
    lab = await startLab({ args: ['--mqtt-url', `mqtt://lab:secret@127.0.0.1:${port}`] });
    link = lab.app.get(AgentLink);
  });
  afterAll(async () => {
    await lab.close();
    broker.kill();
    rmSync(folder, { recursive: true });
  });
  const dial = (id: string) =>
    connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: id, username: id, reconnectPeriod: 0, protocolVersion: 4 });
  const topicOf = (id: string, end: string) => `${agentPrefix(shardOfAgent(id), id)}/${end}`;

  it('[MQTT-12] agents learn its address, without the account of the lab', async () => {
    const { body } = await lab.call('GET', '/api/v1/lab');
    expect(body).toMatchObject({ mqtt: { path: '/mqtt', url: `mqtt://127.0.0.1:${port}` } });
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('[MQTT-12] carries both directions and the retained epoch; who was not enrolled is not heard', async () => {
    const { agentId } = await lab.joinAgent('outside');
    const heard: string[] = [];
    const met = new Promise<void>((resolve) => link.onConnect((id) => id === agentId && resolve()));
    const gone = new Promise<void>((resolve) => link.onDisconnect((id) => id === agentId && resolve()));
    const got = new Promise<unknown>((resolve) =>
      link.on('up/gone' as const, (id, payload) => {
        heard.push(id);
        resolve(payload);
      }),
    );
    const [agent, stranger] = await Promise.all([dial(agentId), dial('stranger-1')]);
    const epoch = emitted(agent, 'message');
    await agent.subscribeAsync([epochTopic, topicOf(agentId, 'down/#')], { qos: 1 });
    expect(String(((await epoch) as [string, Buffer])[0])).toBe(epochTopic);
    await stranger.publishAsync(topicOf('stranger-1', 'up/gone'), JSON.stringify({ bootId: 'x' }), { qos: 1 });
    await agent.publishAsync(
      topicOf(agentId, 'up/heartbeat'),
      JSON.stringify({ bootId: 'b', renew: [], devices: [] }),
      { qos: 1 },
    );
    await met;
    expect(link.connected(agentId)).toBe(true);
    const answer = emitted(agent, 'message');
    await link.send(agentId, 'down/ack', { journalId: 'j', nextSeq: 1 });
    expect(String(((await answer) as [string, Buffer])[0])).toBe(topicOf(agentId, 'down/ack'));
    await agent.publishAsync(topicOf(agentId, 'up/gone'), JSON.stringify({ bootId: 'b' }), { qos: 1 });
    await gone;
    expect([await got, heard, link.connected(agentId)]).toEqual([{ bootId: 'b' }, [agentId], false]);
    await Promise.all([agent.endAsync(), stranger.endAsync()]);
  });

  it('[MQTT-12] its access list keeps agents apart', async () => {
    const [spy, victim] = await Promise.all([dial('spy-1'), dial('bench-1')]);
    const heard: string[] = [];
    spy.on('message', (topic) => heard.push(topic));
    for (const filter of ['#', 'hilltop/v1/+/+/down/#', topicOf('bench-1', 'down/#'), 'hilltop/v1/lab/#'])
      await spy.subscribeAsync(filter, { qos: 1 }).catch(() => undefined);
    await victim.subscribeAsync(topicOf('bench-1', 'down/#'), { qos: 1 });
    const own = emitted(victim, 'message');
    await link.send('bench-1', 'down/ack', { journalId: 'j', nextSeq: 1 });
    await own;
    // Its own message goes the same way, after anything foreign would have come.
    const last = emitted(spy, 'message');
    await link.send('spy-1', 'down/ack', { journalId: 'j', nextSeq: 2 });
    await spy.subscribeAsync(topicOf('spy-1', 'down/#'), { qos: 1 });
    await link.send('spy-1', 'down/ack', { journalId: 'j', nextSeq: 3 });
    await last;
    expect(heard.filter((topic) => topic !== epochTopic && !topic.startsWith(topicOf('spy-1', 'down')))).toEqual([]);
    await Promise.all([spy.endAsync(true), victim.endAsync(true)]);
  });

  it('[MQTT-13] an agent that fell silent counts as away', async () => {
    let now = 0;
    let leave = (_agentId: string): void => undefined;
    const left = new Promise<string>((resolve) => {
      leave = resolve;
    });
    const outside = new OutsideBroker(
      {
        url: `mqtt://lab@127.0.0.1:${port}`,
        epoch: { epoch: 'e', labId: 'lab_0123456789abcdef' },
        silenceMs: 20,
        nowMs: () => now,
      },
      // Time passes as soon as the agent was heard.
      {
        message: () => undefined,
        connect: () => {
          now = 21;
        },
        disconnect: (agentId) => leave(agentId),
        rejected: () => undefined,
      },
    );
    await outside.start();
    const agent = await dial('quiet-1');
    await agent.publishAsync(topicOf('quiet-1', 'up/heartbeat'), '{}', { qos: 1 });
    expect([await left, outside.connected('quiet-1')]).toEqual(['quiet-1', false]);
    await Promise.all([outside.stop(), agent.endAsync()]);
  });
});
