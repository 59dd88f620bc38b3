// The real firmware (host build) on a line that cuts, flips and adds: what firmware-bridge's tests do to the simulated board.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ModelAnswers, type ModelCommand, modelAnswers, modelCommands, modelGroup } from '@hilltop/contracts';
import { type BytePort, osGroup, SmpClient, statGroup, uploadBlob } from '@hilltop/firmware-bridge';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type * as z from 'zod';
import { describeWithCompiler } from '../support/describe-with-qemu.js';
import { buildHostFirmware, startHostFirmware } from '../support/host-firmware.js';
import type { TestBoard } from '../support/qemu.js';
import { frameOf } from './wire.js';

/** As many bytes as the plan of the small sample model has; what is in them is not loaded here. */
const planBytes = 11_520;
const plan = Uint8Array.from({ length: planBytes }, (_, i) => (i * i) >> 3);
const sha = createHash('sha256').update(plan).digest();
const bufferBytes = 1024;
const target = { what: 'a plan', group: modelGroup, command: modelCommands.upload, bufferBytes };

/** Numbers that are the same in every run of the tests: a linear congruential generator (Numerical Recipes). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describeWithCompiler('the firmware on a bad line', () => {
  let program: string;
  let board: TestBoard;
  beforeAll(async () => {
    program = buildHostFirmware();
    board = await startHostFirmware(program);
  }, 60_000);
  afterAll(async () => {
    await board?.stop();
    if (program) rmSync(dirname(program), { recursive: true, force: true });
  });

  async function model<C extends ModelCommand>(
    client: SmpClient,
    command: C,
    operation: 'read' | 'write',
    payload: object,
  ): Promise<ModelAnswers[C]> {
    const answer = modelAnswers[command] as unknown as z.ZodType<ModelAnswers[C]>;
    return client.request({
      what: command,
      operation,
      group: modelGroup,
      command: modelCommands[command],
      payload,
      answer,
    });
  }
  async function onPort<T>(work: (port: BytePort) => Promise<T>): Promise<T> {
    const port = await board.open();
    try {
      return await work(port);
    } finally {
      await port.close();
    }
  }
  const onLine = <T>(work: (client: SmpClient) => Promise<T>) =>
    onPort((port) => work(new SmpClient(port, { timeoutMs: 5000 })));
  const bring = (client: SmpClient) => uploadBlob(client, target, plan);

  /** The port, that goes when so many bytes were sent; the last of them are on their way. */
  function cutAfter(port: BytePort, bytes: number): BytePort {
    let left = bytes;
    return {
      ...port,
      write: async (chunk) => {
        const passed = chunk.subarray(0, Math.max(left, 0));
        left -= chunk.length;
        if (passed.length > 0) await port.write(passed);
        if (left <= 0) await port.close();
      },
    };
  }

  it('[MCU-73] takes up a transfer that was cut after every k x 100 bytes on the wire, and has the right hash', async () => {
    const whole = await onLine(async (client) => {
      await model(client, 'erase', 'write', {});
      await bring(client);
      return client.counters.bytesOut;
    });
    expect(whole).toBeGreaterThan(planBytes * 1.3);
    let cuts = 0;
    for (let at = 100; at < whole; at += 100) {
      await onLine((client) => model(client, 'erase', 'write', {}));
      const failed = await onPort((port) =>
        bring(new SmpClient(cutAfter(port, at), { timeoutMs: 5000 })).then(
          () => 'completed',
          (error: { code?: string }) => error.code,
        ),
      );
      expect({ at, failed }).toEqual({ at, failed: 'device.unplugged' });
      await onLine(async (client) => {
        const before = client.counters.bytesOut;
        expect(await bring(client)).toMatchObject({ sha256: sha.toString('hex'), restarts: 0 });
        // The chunk that asks, and what was missing: not the whole again where most of it was there.
        if (at > whole / 2) expect(client.counters.bytesOut - before).toBeLessThan(whole * 0.7);
        // It checked the hash, so it goes on to the header, which is none.
        await expect(model(client, 'load', 'write', { sha: new Uint8Array(sha) })).rejects.toMatchObject({
          details: { group: modelGroup, rc: expect.any(Number) },
        });
      });
      cuts++;
    }
    expect(cuts).toBe(Math.ceil(whole / 100) - 1);
  }, 60_000);

  /** Everything it says until the echo of `text` is there. */
  async function heardUntilEcho(port: BytePort, bytes: Uint8Array, text: string): Promise<string> {
    const question = Buffer.concat([bytes, Buffer.of(0x0a), echoFrame(text)]);
    const answer = echoAnswer(text);
    const heard = new Promise<string>((resolve) => {
      let all = '';
      const stop = port.onData((chunk) => {
        all += Buffer.from(chunk).toString('latin1');
        if (!all.endsWith(answer)) return;
        stop();
        resolve(all);
      });
    });
    await port.write(question);
    return heard;
  }
  const cborText = (key: string, text: string): string => {
    const head = text.length < 24 ? [0x60 + text.length] : [0x78, text.length];
    return Buffer.concat([Buffer.of(0x61), Buffer.from(key), Buffer.from(head), Buffer.from(text)]).toString('hex');
  };
  const message = (head: string, payload: string): Buffer => {
    const length = (payload.length / 2).toString(16).padStart(4, '0');
    return frameOf(Buffer.from(`${head}00${length}00000100${payload}`, 'hex'));
  };
  const echoFrame = (text: string): Buffer => message('0a', `a1${cborText('d', text)}`);
  const echoAnswer = (text: string): string => message('0b', `bf${cborText('r', text)}ff`).toString('latin1');

  const flipped = (bytes: Uint8Array, bit: number): Buffer => {
    const bad = Buffer.from(bytes);
    bad[bit >> 3]! ^= 1 << (bit & 7);
    return bad;
  };
  /** What is said of it: nothing; or, where a character became the end of a text command, that there was none. */
  const refusal = (bytes: Uint8Array, bit: number): string =>
    flipped(bytes, bit)[bit >> 3] === 0x25 ? 'e-[Empty command]\r\nm-ready\r\n' : '';

  it('[MCU-74] answers no frame of which one bit, any one, is flipped', async () => {
    await onPort(async (port) => {
      const good = echoFrame('hello');
      for (let bit = 0; bit < 8 * good.length; bit++) {
        const heard = await heardUntilEcho(port, flipped(good, bit), `after ${bit}`);
        expect({ bit, heard }).toEqual({ bit, heard: refusal(good, bit) + echoAnswer(`after ${bit}`) });
      }
    });
  }, 60_000);

  it('[MCU-74] takes no chunk of a plan of which one bit is flipped: 400 places', async () => {
    const random = numbers(7);
    await onLine((client) => model(client, 'erase', 'write', {}));
    await onPort(async (port) => {
      const sent: Uint8Array[] = [];
      const client = new SmpClient({
        ...port,
        write: (bytes) => {
          sent.push(bytes);
          return port.write(bytes);
        },
      });
      await model(client, 'upload', 'write', { off: 0, len: planBytes, sha, data: plan.subarray(0, 900) });
      await model(client, 'upload', 'write', { off: 900, data: plan.subarray(900, 1800) });
      client.detach();
      // The last one again, at the place that is expected next: taken, it would move that place.
      const chunk = Buffer.from(sent.at(-1)!);
      const reader = new SmpClient(port);
      const { broken } = await statGroup.read(reader, 'line');
      reader.detach();
      for (let i = 0; i < 400; i++) {
        const bit = random(8 * chunk.length);
        const heard = await heardUntilEcho(port, flipped(chunk, bit), `n ${i}`);
        expect({ bit, heard }).toEqual({ bit, heard: refusal(chunk, bit) + echoAnswer(`n ${i}`) });
      }
      const after = new SmpClient(port);
      expect((await statGroup.read(after, 'line'))['broken']! - broken!).toBeGreaterThan(300);
      expect(await model(after, 'upload', 'write', { off: 1800, data: plan.subarray(1800, 1801) })).toEqual({
        off: 1801,
      });
    });
  }, 60_000);

  it('[MCU-74] answers among garbage and log lines: 1000 pieces', async () => {
    const random = numbers(8);
    const words = [
      '<inf> log\r\n',
      '\x06',
      '\x06\x09',
      '\x06\x09AB',
      '\x04\x14AAAA\n',
      'name',
      'name%',
      '%',
      'db load 9%',
      '\x06\x09AAAA\n',
    ];
    await onPort(async (port) => {
      for (let i = 0; i < 1000; i++) {
        const noise =
          i % 2 === 0
            ? Buffer.from(words[random(words.length)]!, 'latin1')
            : Buffer.from(Array.from({ length: 1 + random(60) }, () => random(256)));
        // Text commands are answered in text; the frame behind them is answered once, whole.
        const heard = await heardUntilEcho(port, noise, `n ${i}`);
        expect(heard.split('\x06').length - 1).toBe(1);
      }
      expect(await osGroup.echo(new SmpClient(port), 'still here')).toBe('still here');
    });
  }, 60_000);
});
