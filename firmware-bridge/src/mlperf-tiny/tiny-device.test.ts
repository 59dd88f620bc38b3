import { describe, expect, it } from '@jest/globals';
import { openPort } from '../open-port.js';
import { SimulatedTinyDevice, type SimulatedTinyOptions } from '../simulated/simulated-tiny-device.js';
import { virtualTimer } from '../simulated/virtual-timer.js';
import { tcpDevice, type Way, wire } from '../testing/wire.js';
import { TinyDevice } from './tiny-device.js';

/** The class is the first byte; its probability prints as 0.1000. */
const usual: SimulatedTinyOptions = {
  vendor: 'acme',
  model: 'ic01',
  inferenceUs: 2000,
  infer: (input) => Array.from({ length: 4 }, (_, i) => (i === input[0] ? 1 : 0)),
};

function device(options: Partial<SimulatedTinyOptions> = {}, ways: { readonly out?: Way; readonly back?: Way } = {}) {
  const wired = wire((send) => new SimulatedTinyDevice({ ...usual, ...options }, send), ways);
  return { ...wired, tiny: new TinyDevice(wired.port, { timer: virtualTimer() }) };
}

describe('TinyDevice', () => {
  it('says who it is', async () => {
    const { tiny } = device();
    expect(await tiny.name()).toBe('acme');
    expect(await tiny.profile()).toEqual({ profile: 'ULPMark for tinyML Firmware V0.0.1', model: 'ic01' });
    expect(await tiny.timestamp()).toBe(0);
  });

  it('times inferences by its own laps, warm-ups apart, across the end of its clock', async () => {
    const { tiny } = device({ startUs: 2 ** 32 - 12_345 });
    await tiny.loadInput(Uint8Array.of(2, 0, 0));
    expect(await tiny.infer(100, 10)).toEqual({
      inferences: 100,
      microseconds: 200_000,
      results: Float64Array.of(0, 0, 1, 0),
    });
    expect([...(await tiny.results())]).toEqual([0, 0, 1, 0]);
  });

  it.each([1, 30, 31, 32, 62, 3072, 27_648])(
    'loads an input of %d bytes, and none behind its buffer',
    async (length) => {
      let seen: Uint8Array | undefined;
      const { tiny, peer } = device({
        infer: (input) => {
          seen = input.slice();
          return [0.5, 0.5];
        },
      });
      const input = Uint8Array.from({ length }, (_, i) => i * 7);
      await tiny.loadInput(input);
      await tiny.infer(1, 0);
      expect(Buffer.from(seen!).equals(Buffer.from(input))).toBe(true);
      expect(peer.overflow).toBe(0);
    },
  );

  it('refuses an input that is larger than a device keeps, before it sends anything', async () => {
    const { tiny, peer } = device();
    await expect(tiny.loadInput(new Uint8Array(27_649))).rejects.toMatchObject({ code: 'run.model-rejected' });
    await expect(tiny.loadInput(new Uint8Array())).rejects.toMatchObject({ code: 'run.model-rejected' });
    expect(peer.overflow).toBe(0);
  });

  it.each([
    ['lost', (bytes: Uint8Array) => bytes.filter((_, i) => i !== 10 && i !== 11)],
    ['doubled', (bytes: Uint8Array) => Buffer.concat([bytes.subarray(0, 12), bytes.subarray(10)])],
  ])('sees a byte that is %s on the way', async (_what, damage) => {
    let commands = 0;
    const { tiny } = device(
      {},
      {
        out: (bytes, deliver) => {
          const data = /^db [0-9a-f]{2}/.test(Buffer.from(bytes).toString('latin1'));
          deliver(data && ++commands === 2 ? damage(Uint8Array.from(bytes)) : bytes);
        },
      },
    );
    await expect(
      tiny.loadInput(
        Uint8Array.from({ length: 100 }, (_, i) => i),
        { verify: true },
      ),
    ).rejects.toMatchObject({
      code: 'device.protocol',
    });
  });

  it('gives the words of an error', async () => {
    const { tiny } = device();
    await expect(tiny.infer(0, 0)).rejects.toMatchObject({
      code: 'device.refused',
      message: expect.stringContaining('Inference iterations must be >0'),
    });
  });

  it('never sends an empty command', async () => {
    const heard: string[] = [];
    const { tiny, peer } = device(
      {},
      {
        out: (bytes, deliver) => {
          heard.push(Buffer.from(bytes).toString('latin1'));
          deliver(bytes);
        },
      },
    );
    await tiny.name();
    await tiny.loadInput(new Uint8Array(40));
    await tiny.infer(1, 0);
    for (const command of heard) expect(command).toMatch(/^[a-z][^%]*%$/);
    for (const command of heard) expect(command.length).toBeLessThanOrEqual(66);
    expect(peer.crashed).toBe(false);
    peer.receive(Buffer.from('%'));
    expect(peer.crashed).toBe(true);
    await expect(tiny.name()).rejects.toMatchObject({ code: 'device.no-answer' });
  });

  it.each([
    ['half a command', 'db 0102'],
    ['more than its buffer', 'x'.repeat(200)],
    ['a frame of another protocol', '\x06\x09ABAKAAAGAAAAAKFhZGFh\n'],
  ])('is understood with %s in its buffer', async (_what, rest) => {
    const { tiny, peer } = device();
    peer.receive(Buffer.from(rest, 'latin1'));
    expect(await tiny.name()).toBe('acme');
    expect(await tiny.profile()).toMatchObject({ model: 'ic01' });
  });

  it('is understood while it starts', async () => {
    const { tiny, peer } = device(
      {},
      {
        out: (bytes, deliver) => {
          if (!started) peer.boot();
          started = true;
          deliver(bytes);
        },
      },
    );
    let started = false;
    expect(await tiny.profile()).toMatchObject({ model: 'ic01' });
    expect(await tiny.name()).toBe('acme');
  });

  it('does not take the late answer of a command that was given up for the next one', async () => {
    const held: Uint8Array[] = [];
    let holding = false;
    const { tiny } = device({}, { back: (bytes, deliver) => (holding ? held.push(bytes) : deliver(bytes)) });
    await tiny.loadInput(Uint8Array.of(1));
    holding = true;
    await expect(tiny.infer(3, 0, { timeoutMs: 1000 })).rejects.toMatchObject({ code: 'device.no-answer' });
    const next = tiny.profile();
    await new Promise((resolve) => setImmediate(resolve));
    holding = false;
    // Everything that was held comes before the next answer, as a device that was only slow says it.
    const wired = held.splice(0);
    expect(wired.length).toBeGreaterThan(5);
    expect(await next).toMatchObject({ model: 'ic01' });
    expect((await tiny.infer(2, 0)).microseconds).toBe(4000);
  });

  it('ends when it is told to, and is understood after that', async () => {
    let silent = false;
    const { tiny } = device({}, { back: (bytes, deliver) => (silent ? undefined : deliver(bytes)) });
    await tiny.loadInput(Uint8Array.of(1));
    silent = true;
    const abort = new AbortController();
    const asked = tiny.infer(1000, 0, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    silent = false;
    expect(await tiny.name()).toBe('acme');
  });

  it('sees that it restarted', async () => {
    const { tiny, peer } = device(
      {},
      {
        out: (bytes, deliver) => {
          if (Buffer.from(bytes).toString('latin1').startsWith('infer')) peer.boot();
          else deliver(bytes);
        },
      },
    );
    await tiny.loadInput(Uint8Array.of(1));
    await expect(tiny.infer(5, 0)).rejects.toMatchObject({ code: 'device.rebooted', details: { cause: 'device' } });
    expect(await tiny.name()).toBe('acme');
  });

  it('is unplugged', async () => {
    const { tiny, unplug } = device({}, { back: () => undefined });
    const asked = tiny.name();
    unplug();
    await expect(asked).rejects.toMatchObject({ code: 'device.unplugged', details: { cause: 'infrastructure' } });
    await expect(tiny.name()).rejects.toMatchObject({ code: 'device.unplugged' });
  });

  it('has no laps in energy mode, and says what to do', async () => {
    const { tiny } = device({ mode: 'energy' });
    await tiny.loadInput(Uint8Array.of(1));
    await expect(tiny.infer(5, 0)).rejects.toMatchObject({ code: 'device.protocol' });
    await expect(tiny.timestamp()).rejects.toMatchObject({ code: 'device.protocol' });
  });

  it('tells of no time where the clock is too coarse for what it timed', async () => {
    const { tiny } = device({ clockStepUs: 1_000_000, inferenceUs: 10 });
    await tiny.loadInput(Uint8Array.of(1));
    expect((await tiny.infer(5, 0)).microseconds).toBe(0);
  });

  it('hands on what is no part of the protocol', async () => {
    const { tiny, peer } = device({ bufferBytes: 100 });
    const said: string[] = [];
    tiny.onConsole((line) => said.push(line));
    await tiny.name();
    peer.boot();
    await expect(tiny.loadInput(new Uint8Array(200))).rejects.toMatchObject({ code: 'run.model-rejected' });
    expect(said).toEqual(expect.arrayContaining(['m-init-done', 'Supplied buffer size exceeds maximum']));
  });
});

describe('a text device over TCP', () => {
  it('is loaded, inferred, and told apart by its results', async () => {
    const device = await tcpDevice((send) => new SimulatedTinyDevice(usual, send));
    const tiny = new TinyDevice(await openPort(device.spec));
    const largest: number[] = [];
    for (const first of [0, 3, 2, 1]) {
      await tiny.loadInput(Uint8Array.of(first, ...Array(99).fill(7)));
      const { results } = await tiny.infer(1, 0);
      largest.push(results.indexOf(Math.max(...results)));
    }
    expect(largest).toEqual([0, 3, 2, 1]);
    await tiny.close();
    await device.close();
  });
});
