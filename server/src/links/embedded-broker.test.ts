import { agentPrefix, epochTopic } from '@hilltop/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { emitted } from '../testing/emitted.js';
import { startLab, type TestAgent, type TestLab } from '../testing/start-lab.js';
import { AgentLink, shardOfAgent } from './agent-link.js';

const topicOf = (agent: TestAgent, end: string) => `${agentPrefix(shardOfAgent(agent.agentId), agent.agentId)}/${end}`;

describe('embedded broker', () => {
  let lab: TestLab;
  let link: AgentLink;
  let a: TestAgent;
  let b: TestAgent;
  const clients: MqttClient[] = [];

  beforeAll(async () => {
    lab = await startLab({ env: { HILLTOP_LIMIT_MQTT_REFUSALS: '1000', HILLTOP_LIMIT_AGENT_MESSAGES: '20' } });
    link = lab.app.get(AgentLink);
    a = await lab.joinAgent('A');
    b = await lab.joinAgent('B');
  });
  afterAll(async () => {
    for (const client of clients) client.end(true);
    await lab.close();
  });

  const dial = (
    agent: TestAgent,
    change: IClientOptions = {},
    url = `mqtt://127.0.0.1:${lab.listening.mqttPort}`,
  ): MqttClient => {
    const client = connect(url, {
      clientId: agent.agentId,
      username: agent.agentId,
      password: agent.assertion(),
      protocolVersion: 4,
      reconnectPeriod: 0,
      resubscribe: false,
      ...change,
    });
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };
  const dialed = async (...args: Parameters<typeof dial>) => {
    const client = dial(...args);
    await emitted(client, 'connect');
    return client;
  };
  /** CONNACK code of a refusal. */
  const refusal = async (...args: Parameters<typeof dial>): Promise<unknown> => {
    const [error] = (await emitted(dial(...args), 'error')) as [{ code?: unknown }];
    return error.code;
  };

  it('[MQTT-7] an agent connects by TCP and by WebSocket and hears what is said to it', async () => {
    for (const url of [undefined, `${lab.url.replace('http', 'ws')}/mqtt`]) {
      const client = await dialed(a, {}, url);
      await client.subscribeAsync(topicOf(a, 'down/#'), { qos: 1 });
      const heard = emitted(client, 'message');
      expect(link.connected(a.agentId)).toBe(true);
      await link.send(a.agentId, 'down/ack', { journalId: 'j', nextSeq: 4 });
      const [topic, payload] = (await heard) as [string, Buffer];
      expect([topic, JSON.parse(payload.toString())]).toEqual([topicOf(a, 'down/ack'), { journalId: 'j', nextSeq: 4 }]);
      await client.endAsync();
    }
  });

  it('[MQTT-8] an agent learns the epoch from the retained topic', async () => {
    const client = await dialed(a);
    const heard = emitted(client, 'message');
    await client.subscribeAsync(epochTopic);
    const [, payload] = (await heard) as [string, Buffer];
    expect(JSON.parse(payload.toString())).toEqual({ epoch: expect.any(String), labId: lab.listening.labId });
    await client.endAsync();
  });

  it('[MQTT-5] nothing foreign arrives, whatever is subscribed', async () => {
    const spy = await dialed(b);
    const heard: string[] = [];
    spy.on('message', (topic) => heard.push(topic));
    const foreign = [
      '#',
      '+/#',
      'hilltop/#',
      topicOf(a, 'down/#'),
      topicOf(a, '#'),
      'hilltop/v1/+/+/down/#',
      `$share/g/${topicOf(a, 'down/#')}`,
      '$SYS/#',
    ];
    const granted = await Promise.all(
      foreign.map((filter) =>
        spy.subscribeAsync(filter).then(
          () => 'granted',
          () => 'refused',
        ),
      ),
    );
    const client = await dialed(a);
    await client.subscribeAsync(topicOf(a, 'down/#'));
    const own = emitted(client, 'message');
    await link.send(a.agentId, 'down/ack', { journalId: 'j', nextSeq: 4 });
    await own;
    expect(granted).toEqual(foreign.map(() => 'refused'));
    expect(heard).toEqual([]);
    await Promise.all([client.endAsync(), spy.endAsync(true)]);
  });

  it.each([
    ['a foreign topic', () => ({ topic: topicOf(b, 'up/live'), qos: 0 as const, retain: false })],
    ['a topic of the coordinator', () => ({ topic: topicOf(a, 'down/ack'), qos: 0 as const, retain: false })],
    ['QoS 2', () => ({ topic: topicOf(a, 'up/live'), qos: 2 as const, retain: false })],
    ['a retained message', () => ({ topic: topicOf(a, 'up/live'), qos: 0 as const, retain: true })],
    ['the epoch', () => ({ topic: epochTopic, qos: 0 as const, retain: true })],
  ])('[MQTT-5] publishing %s ends the connection', async (_name, message) => {
    const client = await dialed(a);
    const closed = emitted(client, 'close');
    const { topic, ...options } = message();
    client.publish(topic, '{}', options, () => undefined);
    await closed;
    client.end(true);
  });

  it('[MQTT-5] a foreign will is never delivered', async () => {
    const victim = await dialed(b);
    await victim.subscribeAsync(topicOf(b, 'down/#'));
    const heard: string[] = [];
    victim.on('message', (topic) => heard.push(topic));
    const client = await dialed(a, {
      will: { topic: topicOf(b, 'down/run.cancel'), payload: Buffer.from('{}'), qos: 0, retain: false },
    });
    const gone = new Promise<void>((resolve) => link.onDisconnect((agentId) => agentId === a.agentId && resolve()));
    client.stream.destroy();
    await gone;
    // The retained epoch comes after everything that was sent before it was asked for.
    const settled = emitted(victim, 'message');
    await victim.subscribeAsync(epochTopic);
    await settled;
    expect(heard).toEqual([epochTopic]);
    await victim.endAsync();
  });

  it('[MQTT-6] foreign names, unknown agents, kept sessions and spoilt assertions are refused', async () => {
    const now = Math.floor(Date.now() / 1000);
    const used = a.assertion();
    await (await dialed(a, { password: used })).endAsync();
    const cases: Array<[TestAgent, IClientOptions]> = [
      [a, { username: b.agentId }],
      [a, { clientId: b.agentId }],
      [a, { password: b.assertion() }],
      [a, { password: 'x' }],
      [a, { password: used }],
      [a, { clean: false }],
      [a, { password: a.assertion({ aud: 'lab_0000000000000000' }) }],
      [a, { password: a.assertion({ iat: now - 500, exp: now - 200 }) }],
      [a, { password: a.assertion({ iat: now + 200, exp: now + 500 }) }],
      [a, { password: a.assertion({ exp: now + 100_000 }) }],
      [{ ...a, agentId: 'nobody-1' }, {}],
    ];
    expect(await Promise.all(cases.map(([agent, change]) => refusal(agent, change)))).toEqual(cases.map(() => 5));
  });

  it('[MQTT-9] a returning agent replaces its old session', async () => {
    const old = await dialed(a);
    const closed = emitted(old, 'close');
    const fresh = await dialed(a);
    await closed;
    expect(link.connected(a.agentId)).toBe(true);
    await fresh.endAsync();
  });

  it('[MQTT-2] a malformed message is dropped and the next one is handled', async () => {
    const heard = new Promise<unknown>((resolve) =>
      lab.app.get(AgentLink).on('up/gone' as const, (agentId, payload) => resolve([agentId, payload])),
    );
    const client = await dialed(a);
    await client.publishAsync(topicOf(a, 'up/gone'), 'not json', { qos: 1 });
    await client.publishAsync(topicOf(a, 'up/gone'), JSON.stringify({ bootId: 'x', more: 1 }), { qos: 1 });
    await client.publishAsync(topicOf(a, 'up/gone'), JSON.stringify({ bootId: 'b1' }), { qos: 1 });
    expect(await heard).toEqual([a.agentId, { bootId: 'b1' }]);
    await client.endAsync();
  });

  it('[MQTT-14] an agent that stops reading holds up nobody else', async () => {
    const [frozen, other] = await Promise.all([dialed(a), dialed(b)]);
    await Promise.all([frozen.subscribeAsync(topicOf(a, 'down/#')), other.subscribeAsync(topicOf(b, 'down/#'))]);
    frozen.stream.pause();
    const chunk = {
      requestId: 'r',
      sha256: 'a'.repeat(64),
      index: 0,
      encoding: 'raw' as const,
      data: Buffer.alloc(256 * 1024),
    };
    let handed = 0;
    for (let i = 0; i < 100; i++)
      void link.send(a.agentId, 'down/chunk', chunk).then(() => {
        handed += 1;
      });
    for (let i = 0; i < 5; i++) {
      const heard = emitted(other, 'message');
      await link.send(b.agentId, 'down/ack', { journalId: 'j', nextSeq: i });
      await heard;
    }
    expect(handed).toBeLessThan(100);
    frozen.stream.destroy();
    await other.endAsync();
  });

  it('[MQTT-10] an agent that floods is cut off', async () => {
    const client = await dialed(b);
    const closed = emitted(client, 'close');
    for (let i = 0; i < 250; i++) client.publish(topicOf(b, 'up/heartbeat'), '{}', { qos: 0 }, () => undefined);
    await closed;
    client.end(true);
  });

  it('[JOIN-5] a revoked agent is disconnected at once and cannot come back', async () => {
    const c = await lab.joinAgent('C');
    const client = await dialed(c);
    const closed = emitted(client, 'close');
    expect((await lab.call('DELETE', `/api/v1/agents/${c.agentId}/credentials`)).status).toBe(204);
    await closed;
    expect(await refusal(c)).toBe(5);
    expect((await lab.call('POST', '/api/v1/agents', c.join)).body).toMatchObject({ code: 'auth.revoked' });
  });

  it('[MQTT-11] what is said to an agent that is away is lost, not kept', async () => {
    await link.send('nobody-1', 'down/ack', { journalId: 'j', nextSeq: 0 });
    expect(link.connected('nobody-1')).toBe(false);
  });
});
