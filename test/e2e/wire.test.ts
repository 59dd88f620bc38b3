import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mqtt, { type MqttClient } from 'mqtt';
import WebSocket from 'ws';
import { startLab, type TestLab } from '../support/lab.js';

/** MQTT 3.1.1 CONNECT (type 1): protocol name, level 4, flags user + password + clean, keep alive, client id, user, password. */
function connectPacket(clientId: string, password: string): Buffer {
  const text = (s: string): Buffer => Buffer.concat([Buffer.from([s.length >> 8, s.length & 255]), Buffer.from(s)]);
  const body = Buffer.concat([
    text('MQTT'),
    Buffer.from([4, 0xc2, 0, 60]),
    text(clientId),
    text(clientId),
    text(password),
  ]);
  return Buffer.concat([Buffer.from([0x10]), remaining(body.length), body]);
}
function remaining(length: number): Buffer {
  const out: number[] = [];
  let n = length;
  do {
    out.push((n % 128) | (n >= 128 ? 128 : 0));
    n = Math.floor(n / 128);
  } while (n > 0);
  return Buffer.from(out);
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}
/** Writes until the other side closes; how many bytes it took. A reset is a way of closing. */
async function writeUntilClosed(socket: Socket, chunk: Buffer, most: number): Promise<number> {
  let sent = 0;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  while (!socket.destroyed && sent < most) {
    sent += chunk.length;
    if (!socket.write(chunk))
      await Promise.race([new Promise<void>((resolve) => socket.once('drain', () => resolve())), closed]);
  }
  await closed;
  return sent;
}

describe('the broker', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startLab();
    await lab.agent('bench-1');
  }, 90_000);
  afterAll(() => lab.stop());

  const alive = async (): Promise<void> => {
    expect((await lab.raw('GET', '/healthz')).status).toBe(200);
    expect((await lab.device('bench-1')).state).toBe('available');
  };

  it('[MQTT-20] an unknown or ill-signed agent is refused', async () => {
    for (const [id, password] of [
      ['bench-9', 'x'],
      ['bench-9', 'e30.e30'],
      ['../../x', 'x'],
    ] as const) {
      const client: MqttClient = mqtt.connect(`mqtt://127.0.0.1:${lab.mqttPort}`, {
        clientId: id,
        username: id,
        password,
        reconnectPeriod: 0,
        connectTimeout: 5000,
      });
      const outcome = await new Promise<string>((resolve) => {
        client.once('connect', () => resolve('connected'));
        client.once('error', () => resolve('refused'));
        client.once('close', () => resolve('refused'));
      });
      expect(outcome).toBe('refused');
      client.end(true);
    }
    await alive();
  }, 30_000);

  it('[MQTT-21] an unauthenticated frame over 8 KiB is cut off before it is kept', async () => {
    const socket = await open(lab.mqttPort);
    socket.write(Buffer.concat([Buffer.from([0x10]), remaining(64 * 1024 * 1024)]));
    expect(await writeUntilClosed(socket, Buffer.alloc(64 * 1024), 64 * 1024 * 1024)).toBeLessThan(32 * 1024 * 1024);
    await alive();
  }, 30_000);

  it.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a reserved packet type', Buffer.from([0xf0, 0x00])],
    ['an endless length', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['SUBSCRIBE before CONNECT', Buffer.from([0x82, 6, 0, 1, 0, 1, 0x23, 0])],
    ['a client id of 9,000 bytes', connectPacket('a'.repeat(9000), 'x')],
  ])(
    '[MQTT-22] %s on the port closes that connection and nothing else',
    async (_, bytes) => {
      const socket = await open(lab.mqttPort);
      const closed = once(socket, 'close');
      socket.write(bytes);
      await closed;
      await alive();
    },
    30_000,
  );

  it('[MQTT-23] a browser page of another origin does not reach /mqtt or /socket.io', async () => {
    for (const path of ['/mqtt', '/socket.io/?EIO=4&transport=websocket']) {
      const socket = new WebSocket(lab.url.replace('http', 'ws') + path, 'mqtt', { origin: 'http://evil.test' });
      const outcome = await new Promise<string>((resolve) => {
        socket.once('open', () => resolve('open'));
        socket.once('error', () => resolve('refused'));
      });
      expect([path, outcome]).toEqual([path, 'refused']);
    }
  });
});
