import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openSmpBoard } from '../smp/smp-board.js';
import { EmulatedPico, type EmulatedPicoOptions } from './emulated-pico.js';
import { openEmulatedPort } from './emulated-port.js';
import { echoImage } from './testing/echo-image.js';

const opened: EmulatedPico[] = [];
afterEach(async () => {
  for (const board of opened.splice(0)) await board.close();
});

function pico(options: Partial<EmulatedPicoOptions> = {}): EmulatedPico {
  const board = new EmulatedPico({ image: echoImage, ...options });
  opened.push(board);
  return board;
}

/** Sends, and waits until so many bytes have come back. */
async function ask(board: EmulatedPico, bytes: number[], count = bytes.length): Promise<number[]> {
  const port = await openEmulatedPort(board);
  const got: number[] = [];
  await new Promise<void>((resolve, reject) => {
    port.onClose((reason) => reason && reject(reason));
    port.onData((chunk) => {
      got.push(...chunk);
      if (got.length >= count) resolve();
    });
    port.write(Uint8Array.from(bytes)).catch(reject);
  });
  await port.close();
  return got;
}

const letters = (count: number): number[] => Array.from({ length: count }, (_, i) => 32 + (i % 90));

describe('EmulatedPico', () => {
  it('carries bytes both ways through the stream of serialport', async () => {
    const board = pico();
    const stream = await board.open();
    stream.write(Buffer.from('hello'));
    const got: Buffer[] = [];
    while (Buffer.concat(got).length < 5) got.push((await once(stream, 'data'))[0] as Buffer);
    expect(Buffer.concat(got).toString()).toBe('hello');
    await new Promise((resolve) => stream.close(resolve));
    expect(board.isOpen).toBe(false);
  });

  it('loses nothing of what is sent faster than the board reads', async () => {
    expect(await ask(pico(), letters(20_000))).toEqual(letters(20_000));
  });

  it('gives the same cycles on its thread, boot after boot', async () => {
    const counts = new Set<string>();
    for (let boot = 0; boot < 3; boot++) {
      const board = pico();
      counts.add(String(await ask(board, [1], 4)));
      await board.close();
    }
    expect(counts.size).toBe(1);
  });

  it('is open once, keeps its power while closed, and is another board after it was unplugged', async () => {
    const board = pico();
    const port = await openEmulatedPort(board);
    await expect(board.open()).rejects.toMatchObject({ code: 'device.busy' });
    await port.close();
    expect(await ask(board, letters(10))).toEqual(letters(10));
    const { cycles } = await board.facts();
    await board.unplug();
    await expect(board.facts()).rejects.toMatchObject({ code: 'device.offline' });
    expect(await ask(board, letters(3))).toEqual(letters(3));
    expect((await board.facts()).cycles).toBeLessThan(cycles);
    await board.close();
    await expect(board.open()).rejects.toMatchObject({ code: 'device.offline' });
  });

  it('can be opened and closed many times in a row', async () => {
    const board = pico();
    for (let i = 0; i < 50; i++) expect(await ask(board, [65 + (i % 20)])).toEqual([65 + (i % 20)]);
  });

  it('ends a read and a write that wait when it is unplugged, as a port does that is gone', async () => {
    const board = pico();
    const stream = await board.open();
    stream.resume();
    stream.on('error', () => undefined);
    const closed = once(stream, 'close');
    await board.pause();
    // More than the board's buffer takes while it is paused: this write waits.
    const written = new Promise((resolve) => stream.write(Buffer.alloc(100_000, 65), resolve));
    await board.unplug();
    expect((await closed)[0]).toMatchObject({ disconnected: true });
    expect(await written).toBeInstanceOf(Error);
  });

  it('is unplugged in the middle of a transfer where the options say so', async () => {
    for (const direction of ['to-board', 'to-host'] as const) {
      const board = pico({ faults: [{ direction, byte: 100, does: 'unplug' }] });
      await expect(ask(board, letters(500))).rejects.toMatchObject({ code: 'device.unplugged' });
      await board.close();
    }
  });

  it('hangs where the options say so, keeps its port open, and comes back by a reset', async () => {
    const board = pico({ faults: [{ direction: 'to-board', byte: 2, does: 'hang' }] });
    expect(await ask(board, letters(10), 2)).toEqual(letters(2));
    expect(await board.facts()).toMatchObject({ state: 'hung', reason: expect.any(String) });
    await board.reset();
    await board.hang();
    expect((await board.facts()).state).toBe('hung');
    await board.reset();
    // What was sent to it meanwhile is lost, as on a wire.
    expect(await ask(board, letters(3))).toEqual(letters(3));
  });

  it('drops and flips what the options say', async () => {
    const board = pico({
      faults: [
        { direction: 'to-board', byte: 1, does: 'drop' },
        { direction: 'to-host', byte: 2, does: { flipBit: 0 } },
      ],
    });
    expect(await ask(board, [64, 65, 66, 67, 68], 4)).toEqual([64, 66, 67 ^ 1, 68]);
  });

  it('stands still while paused: not a cycle goes by, and what was sent waits', async () => {
    const board = pico();
    await ask(board, [65]);
    await board.pause();
    const before = await board.facts();
    const answer = ask(board, [66]);
    // Three rounds through the thread's queue of messages: it has had every chance to run.
    for (let i = 0; i < 3; i++) expect(await board.facts()).toMatchObject({ state: 'paused', cycles: before.cycles });
    await board.resume();
    expect(await answer).toEqual([66]);
  });

  it('speaks SMP with the firmware we ship', async () => {
    const image = await readFile(new URL('../../firmware/prebuilt/pico.bin', import.meta.url));
    const board = await openSmpBoard(await openEmulatedPort(pico({ image })));
    expect(await board.info()).toMatchObject({ board: 'pico', cpu: 'cortex-m0plus', hz: 125_000_000 });
    await board.close();
  });

  it('does not keep a process alive that has nothing to wait for, and leaves no thread behind', async () => {
    const script = `
      import { EmulatedPico } from ${JSON.stringify(new URL('../../dist/emulator/emulated-pico.js', import.meta.url).href)};
      const board = new EmulatedPico({ image: Buffer.from(process.argv[1], 'base64') });
      const stream = await board.open();
      stream.once('data', (data) => console.log(String(data)));
      stream.write('x');`;
    const image = Buffer.from(echoImage).toString('base64');
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, image]);
    expect(stdout).toBe('x\n');
  });
});
