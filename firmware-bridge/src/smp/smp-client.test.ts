import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { SimulatedSmpBoard } from '../simulated/simulated-smp-board.js';
import { virtualTimer } from '../simulated/virtual-timer.js';
import { type Peer, wire } from '../testing/wire.js';
import { imageGroup } from './image-group.js';
import { osGroup } from './os-group.js';
import { SmpClient } from './smp-client.js';
import { statGroup } from './stat-group.js';

/** A server that answers by the book, byte for byte: what it was asked -> what it says. */
class Transcript implements Peer {
  readonly heard: string[] = [];
  constructor(
    private readonly lines: ReadonlyMap<string, string>,
    private readonly send: (bytes: Uint8Array) => void,
  ) {}
  receive(bytes: Uint8Array): void {
    const heard = Buffer.from(bytes).toString('latin1');
    this.heard.push(heard);
    const answer = this.lines.get(heard.replace(/^\n/, ''));
    if (answer !== undefined) this.send(Buffer.from(answer, 'latin1'));
  }
}

function client(lines: readonly (readonly [string, string])[]) {
  const wired = wire((send) => new Transcript(new Map(lines), send));
  return { ...wired, client: new SmpClient(wired.port, { timer: virtualTimer() }) };
}

function board(options: ConstructorParameters<typeof SimulatedSmpBoard>[0] = {}) {
  const wired = wire((send) => new SimulatedSmpBoard(options, send));
  return { ...wired, client: new SmpClient(wired.port, { timer: virtualTimer() }) };
}

describe('exchanges with real servers, by their bytes', () => {
  // Frames by Python's struct, base64 and crc_hqx; contents as seen from Zephyr 4.4 and MCUboot.
  it('has its echo back', async () => {
    const { client: smp } = client([
      [
        '\x06\x09AB0KAAATAAABAKFhZG9oZWxsbyBmcm9tIG5vZGUBYw==\n',
        '\x06\x09AB4LAAAUAAABAL9hcm9oZWxsbyBmcm9tIG5vZGX/GDM=\n',
      ],
    ]);
    expect(await osGroup.echo(smp, 'hello from node')).toBe('hello from node');
  });

  it('knows the size of the buffer, with a log line in between', async () => {
    const { client: smp } = client([
      [
        '\x06\x09AAsIAAABAAABBqBEIw==\n',
        '[00:00:01.000,000] <inf> smp: hello\r\n\x06\x09ACMJAAAZAAABBr9oYnVmX3NpemUZAYBpYnVmX2NvdW50BP9qCQ==\n',
      ],
    ]);
    const said: string[] = [];
    smp.onText((bytes) => said.push(Buffer.from(bytes).toString()));
    expect(await osGroup.bufferBytes(smp)).toBe(384);
    expect(said.join('')).toBe('[00:00:01.000,000] <inf> smp: hello\r\n');
  });

  it.each([
    ['v2', 'AB0LAAATAAEBAb9jZXJyv2Vncm91cAFicmMW//8GhQ==', { group: 1, rc: 22, cause: 'device' }],
    ['v1', 'ACUDAAAbAAEBAb9icmMDY3JzbnBoZWFkZXIgbWFsZm9ybWVk/2kG', { rc: 3, cause: 'user' }],
  ])('gives the numbers of an error of %s', async (_version, base64, details) => {
    const { port } = wire((send) => ({ receive: () => send(Buffer.from(`\x06\x09${base64}\n`, 'latin1')) }));
    const smp = new SmpClient(port, { timer: virtualTimer() });
    await expect(imageGroup.upload(smp, new Uint8Array(10), { bufferBytes: 384 })).rejects.toMatchObject({
      code: 'device.refused',
      details,
    });
  });

  it('takes rc 0 of MCUboot as success', async () => {
    const { port } = wire((send) => ({
      receive: () => send(Buffer.from('\x06\x09ABcLAAANAAEBAb9icmMAY29mZhkDuP90mg==\n', 'latin1')),
    }));
    const smp = new SmpClient(port, { timer: virtualTimer() });
    expect(await imageGroup.upload(smp, new Uint8Array(0x3b8), { bufferBytes: 2048 })).toMatchObject({ resumedAt: 0 });
  });
});

describe('SmpClient', () => {
  it('speaks with the groups of a server', async () => {
    const { client: smp } = board();
    expect(await osGroup.info(smp)).toBe('Hilltop simulated');
    expect(await statGroup.list(smp)).toEqual(['smp']);
    expect(await statGroup.read(smp, 'smp')).toEqual({ requests: 3 });
    await expect(imageGroup.state(smp)).rejects.toMatchObject({ code: 'device.refused', details: { rc: 8 } });
  });

  it('assumes the usual buffer where the server does not say', async () => {
    const { client: smp, peer } = board();
    peer.fault = (request) => peer.frame(request, { rc: 8 });
    expect(await osGroup.bufferBytes(smp)).toBe(384);
    expect(await osGroup.bufferBytes(smp, { unknown: 1024 })).toBe(1024);
  });

  it('goes on in version 1 with a server that finds 2 too new', async () => {
    const { client: smp, peer } = board({ versions: [1] });
    expect(await osGroup.echo(smp, 'a')).toBe('a');
    expect(await osGroup.echo(smp, 'b')).toBe('b');
    expect(peer.requests).toHaveLength(3);
  });

  it('asks one thing at a time, in order', async () => {
    const { client: smp, peer } = board();
    const texts = Array.from({ length: 300 }, (_, i) => `text ${i}`);
    expect(await Promise.all(texts.map((text) => osGroup.echo(smp, text)))).toEqual(texts);
    expect(peer.requests.map((r) => r.fields.d)).toEqual(texts);
    expect(smp.counters).toMatchObject({ requests: 300, retries: 0, late: 0, duplicate: 0, unmatched: 0 });
  });

  it('asks again after a newline when an answer is lost, with the same bytes', async () => {
    const wired = wire((send) => new Transcript(new Map(), send));
    const smp = new SmpClient(wired.port, { timer: virtualTimer() });
    await expect(osGroup.echo(smp, 'x')).rejects.toMatchObject({
      code: 'device.no-answer',
      details: { cause: 'device', attempts: 3 },
    });
    const [first, second, third] = wired.peer.heard;
    expect([second, third]).toEqual([`\n${first}`, `\n${first}`]);
    expect(smp.counters.retries).toBe(2);
  });

  it('knows a late answer, a second one, and one to nothing', async () => {
    const { client: smp, peer } = board();
    const held: Uint8Array[] = [];
    peer.fault = (_request, answer) => {
      held.push(answer());
      return undefined;
    };
    await expect(osGroup.echo(smp, 'a', { attempts: 1 })).rejects.toMatchObject({ code: 'device.no-answer' });
    peer.fault = (_request, answer) => [held[0]!, answer(), answer()];
    expect(await osGroup.echo(smp, 'b')).toBe('b');
    peer.fault = (request, answer) => [peer.frame({ ...request, sequence: 200 }, { r: 'not asked' }), answer()];
    expect(await osGroup.echo(smp, 'c')).toBe('c');
    expect(smp.counters).toMatchObject({ late: 1, duplicate: 1, unmatched: 1, discardedBytes: 0 });
  });

  it('takes the answer to the first attempt during the second', async () => {
    const { client: smp, peer } = board();
    let first: Uint8Array | undefined;
    peer.fault = (_request, answer) => {
      if (first) return first;
      first = answer();
      return undefined;
    };
    expect(await osGroup.echo(smp, 'a')).toBe('a');
    expect(smp.counters).toMatchObject({ retries: 1, late: 0, unmatched: 0 });
  });

  it.each<[string, object]>([
    ['a field that is missing', {}],
    ['a field of another kind', { r: 5 }],
    ['a map within', { r: { r: 'x' } }],
  ])('does not believe %s', async (_what, fields) => {
    const { client: smp, peer } = board();
    peer.fault = (request) => peer.frame(request, fields);
    await expect(osGroup.echo(smp, 'a')).rejects.toMatchObject({
      code: 'device.protocol',
      details: { cause: 'device' },
    });
  });

  it('does not believe a header that lies about its length', async () => {
    const { port } = wire((send) => ({
      // Header of the echo's answer with one byte less than its payload, CRC right: by Python.
      receive: () => send(Buffer.from('\x06\x09AB4LAAATAAABAL9hcm9oZWxsbyBmcm9tIG5vZGX/0B4=\n', 'latin1')),
    }));
    await expect(osGroup.echo(new SmpClient(port, { timer: virtualTimer() }), 'a')).rejects.toMatchObject({
      code: 'device.protocol',
    });
  });

  it('discards an answer longer than was agreed, and says so', async () => {
    const { port, peer } = board();
    peer.fault = (request) => peer.frame(request, { r: 'x'.repeat(3000) });
    const smp = new SmpClient(port, { timer: virtualTimer(), answerBytes: 1000 });
    await expect(osGroup.echo(smp, 'a')).rejects.toMatchObject({ code: 'device.no-answer' });
    expect(smp.counters.discarded).toMatchObject({ 'bad-length': 3 });
  });

  it('ends with its reason when it is aborted, and the next request has its own answer', async () => {
    const { client: smp, peer } = board();
    let late: Uint8Array | undefined;
    peer.fault = (_request, answer) => {
      late = answer();
      return undefined;
    };
    const abort = new AbortController();
    const asked = osGroup.echo(smp, 'a', { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    const asked2 = osGroup.echo(smp, 'b', { signal: AbortSignal.abort(new Error('before')) });
    await expect(asked2).rejects.toThrow('before');
    peer.fault = (_request, answer) => (late ? [late, answer()] : answer());
    expect(await osGroup.echo(smp, 'c')).toBe('c');
  });

  it('ends what waits and what comes when the cable is pulled', async () => {
    const { client: smp, peer, unplug } = board();
    peer.fault = () => undefined;
    const waiting = [osGroup.echo(smp, 'a'), osGroup.echo(smp, 'b')].map((asked) =>
      expect(asked).rejects.toMatchObject({ code: 'device.unplugged', details: { cause: 'infrastructure' } }),
    );
    unplug();
    await Promise.all(waiting);
    await expect(osGroup.echo(smp, 'c')).rejects.toMatchObject({ code: 'device.unplugged' });
  });

  it('lets the port go to another', async () => {
    const { client: smp, port } = board();
    await osGroup.echo(smp, 'a');
    smp.detach();
    await expect(osGroup.echo(smp, 'b')).rejects.toMatchObject({ code: 'device.unplugged' });
    const next = new SmpClient(port, { timer: virtualTimer() });
    expect(await osGroup.echo(next, 'c')).toBe('c');
  });

  it('hands every answer through the schema of its request', async () => {
    const { client: smp } = board();
    const answer = z.object({ r: z.string().transform((text) => text.length) });
    const request = { what: 'a length', operation: 'write', group: 0, command: 0, payload: { d: 'four' } } as const;
    expect(await smp.request({ ...request, answer })).toEqual({ r: 4 });
  });
});
