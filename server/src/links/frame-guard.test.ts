import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startLab, type TestLab } from '../testing/start-lab.js';
import { FrameCounter } from './frame-guard.js';

/** One frame: type, remaining length, that many bytes. */
function frame(length: number): Buffer {
  const head = [0x30];
  let rest = length;
  do {
    const byte = rest % 128;
    rest = Math.floor(rest / 128);
    head.push(rest > 0 ? byte | 0x80 : byte);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length)]);
}

describe('frame counter', () => {
  it('[MQTT-3] however the bytes are cut, it stops at the first frame over the limit and not before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(400), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        (lengths, cuts) => {
          const limit = 200;
          const counter = new FrameCounter(limit);
          const bytes = Buffer.concat(lengths.map(frame));
          const tooLong = lengths.some((length) => frame(length).length > limit);
          let fine = true;
          for (let at = 0, i = 0; at < bytes.length && fine; i++) {
            const step = cuts[i % cuts.length]!;
            fine = counter.feed(bytes.subarray(at, at + step));
            at += step;
          }
          expect(fine).toBe(!tooLong);
        },
      ),
    );
  });

  it('[MQTT-3] a length of more than four bytes is malformed', () => {
    expect(new FrameCounter(1e9).feed(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]))).toBe(false);
  });
});

describe('frame guard of the broker', () => {
  let lab: TestLab;
  let agent: Awaited<ReturnType<TestLab['joinAgent']>>;
  beforeAll(async () => {
    lab = await startLab();
    agent = await lab.joinAgent();
  });
  afterAll(() => lab.close());

  const dial = async (): Promise<Socket> => {
    const socket = connect(lab.listening.mqttPort!, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const connectFrame = (): Buffer => {
    const text = (value: string) =>
      Buffer.concat([Buffer.from([value.length >> 8, value.length & 255]), Buffer.from(value)]);
    const body = Buffer.concat([
      text('MQTT'),
      Buffer.from([4, 0xc2, 0, 60]),
      text(agent.agentId),
      text(agent.agentId),
      text(agent.assertion()),
    ]);
    return Buffer.concat([Buffer.from([0x10, (body.length & 127) | 128, body.length >> 7]), body]);
  };

  it('[MQTT-3] before it is known, a client is cut off at a frame that announces more than 8 KiB', async () => {
    const socket = await dial();
    const closed = once(socket, 'close');
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])); // CONNECT of 256 MB
    await closed;
    const other = await dial();
    const shut = once(other, 'close');
    other.write(frame(8 * 1024));
    await shut;
  });

  it('[MQTT-3] afterwards at 512 KiB', async () => {
    const socket = await dial();
    const closed = once(socket, 'close');
    socket.write(connectFrame());
    const [connack] = (await once(socket, 'data')) as [Buffer];
    expect([...connack]).toEqual([0x20, 2, 0, 0]);
    socket.write(Buffer.from([0xc0, 0])); // PINGREQ
    const [pong] = (await once(socket, 'data')) as [Buffer];
    expect([...pong]).toEqual([0xd0, 0]);
    socket.write(frame(512 * 1024).subarray(0, 10));
    await closed;
    expect((await lab.call('GET', '/healthz')).status).toBe(200);
  });

  it('[MQTT-4] bytes that are no MQTT close the connection and nothing else', async () => {
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0x10, 2, 0, 9]),
      Buffer.from([0x30, 0]),
    ]) {
      const socket = await dial();
      const closed = once(socket, 'close');
      socket.write(bytes);
      socket.end();
      socket.resume();
      await closed;
    }
    expect((await lab.call('GET', '/readyz')).status).toBe(200);
  });
});
