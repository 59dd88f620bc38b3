import { type ModelAnswers, type ModelCommand, modelAnswers, modelCommands, modelGroup } from '@hilltop/contracts';
import { type BytePort, osGroup, SmpClient, statGroup } from '@hilltop/firmware-bridge';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type * as z from 'zod';
import { copyPlan } from '../support/copy-plan.js';
import { frameOf, linesUntil } from './wire.js';

/** A board that can be switched on. `open` gives its port, again after the board closed it. */
export interface Machine {
  readonly open: () => Promise<BytePort>;
  readonly stop: () => Promise<void>;
}

export interface BoardFacts {
  readonly board: string;
  readonly cpu: string;
  readonly hz: number;
  readonly ticks: 'systick' | 'clock';
  /** Same inputs, same ticks? */
  readonly exact: boolean;
  /** Does a reset close the port? */
  readonly losesPort: boolean;
}

const bufferBytes = 4096;
const bytes = 64;
const input = Uint8Array.from({ length: bytes }, (_, i) => (i * 37 + 11) & 0xff);
const { plan, sha256 } = copyPlan(bytes);
const sha = new Uint8Array(Buffer.from(sha256, 'hex'));
const reads = new Set<ModelCommand>(['info', 'output', 'layers']);

/** What every board does with every byte of its line; the same for QEMU's machines, the host build and real ones. */
export function boardSuite(start: () => Promise<Machine>, facts: BoardFacts): void {
  let board: Machine;
  let port: BytePort;
  let client: SmpClient;

  beforeAll(async () => {
    board = await start();
    port = await board.open();
    client = new SmpClient(port, { timeoutMs: 3000, attempts: 5 });
  });
  afterAll(async () => {
    client?.detach();
    await port?.close();
    await board?.stop();
  });

  async function model<C extends ModelCommand>(command: C, payload: object, via = client): Promise<ModelAnswers[C]> {
    return via.request({
      what: command,
      operation: reads.has(command) ? 'read' : 'write',
      group: modelGroup,
      command: modelCommands[command],
      payload,
      answer: modelAnswers[command] as unknown as z.ZodType<ModelAnswers[C]>,
    });
  }

  it('says who it is, in both versions of the protocol', async () => {
    const { board: name, cpu, hz, ticks } = facts;
    for (const version of [1, 2] as const) {
      const speaker = new SmpClient(port, { version, timeoutMs: 10_000 });
      expect(await model('info', {}, speaker)).toMatchObject({ v: 1, board: name, cpu, hz, ticks, buf: bufferBytes });
      expect(await osGroup.info(speaker, 'sm')).toBe(`Hilltop ${cpu}`);
      speaker.detach();
    }
    client.detach();
    client = new SmpClient(port, { timeoutMs: 3000, attempts: 5 });
  });

  it('echoes what fills its buffer and states the buffer', async () => {
    expect(await osGroup.bufferBytes(client)).toBe(bufferBytes);
    // 8 of header, 4 of length and CRC, map, key, head of the string, 1 of end: the answer is a byte longer than the question.
    const text = 'é'.repeat((bufferBytes - 8 - 4 - 8) / 2);
    expect(await osGroup.echo(client, text)).toBe(text);
  });

  it('refuses by the numbers: unknown commands, a plan too large, inference without a plan', async () => {
    const unknown = {
      what: 'nothing',
      operation: 'read',
      group: 77,
      command: 1,
      payload: {},
      answer: modelAnswers.erase,
    } as const;
    await expect(client.request(unknown)).rejects.toMatchObject({ code: 'device.refused', details: { rc: 8 } });
    const { ram } = await model('info', {});
    const tooLarge = model('upload', { off: 0, len: ram + 16, sha, data: plan });
    await expect(tooLarge).rejects.toMatchObject({
      code: 'device.refused',
      details: { rc: 2, need: ram + 16, have: ram },
    });
    await model('erase', {});
    await expect(model('load', { sha })).rejects.toMatchObject({ details: { rc: 5 } });
    await expect(model('infer', { n: 1, warm: 0 })).rejects.toMatchObject({ details: { rc: 6 } });
  });

  it('takes a plan in pieces, resumes where a cut left it, and refuses a damaged one', async () => {
    await model('erase', {});
    const first = plan.subarray(0, 100);
    expect(await model('upload', { off: 0, len: plan.length, sha, data: first })).toEqual({ off: 100 });
    // Sent twice, or begun anew after a cut: it says where to go on.
    expect(await model('upload', { off: 60, data: plan.subarray(60, 120) })).toEqual({ off: 100 });
    expect(await model('upload', { off: 0, len: plan.length, sha, data: first })).toEqual({ off: 100 });
    const damaged = Uint8Array.from(plan.subarray(100), (byte, i) => (i === 40 ? byte ^ 1 : byte));
    expect(await model('upload', { off: 100, data: damaged })).toEqual({ off: plan.length, match: false });
    await expect(model('load', { sha })).rejects.toMatchObject({ details: { rc: 5 } });
    expect(await model('upload', { off: 0, len: plan.length, sha, data: plan })).toEqual({
      off: plan.length,
      match: true,
    });
    expect(await model('load', { sha })).toEqual({
      arena: 2 * bytes,
      plan: plan.length,
      ops: 1,
      in: bytes,
      out: bytes,
    });
    expect((await model('info', {})).plan).toEqual(sha);
  });

  it('runs a plan, gives its output, and times it', async () => {
    expect(await model('input', { off: 0, data: input.subarray(0, 40) })).toEqual({ off: 40 });
    expect(await model('input', { off: 40, data: input.subarray(40) })).toEqual({ off: bytes });
    const run = await model('infer', { n: 8, warm: 2, out: true });
    expect(run.out).toEqual(input);
    const ticks = ticksOf(run.t);
    expect(ticks).toHaveLength(8);
    expect(Math.min(...ticks)).toBeGreaterThan(0);
    // Nothing disturbs what is timed: not even by one tick.
    if (facts.exact) expect(new Set(ticks).size).toBe(1);
    expect(await model('output', { off: 24 })).toEqual({ off: 24, len: bytes, data: input.subarray(24) });
    const other = input.map((byte) => byte ^ 0xff);
    expect((await model('infer', { n: 1, warm: 0, data: other, out: true })).out).toEqual(other);
  });

  it('times by layer', async () => {
    await expect(model('layers', { i: 0 })).rejects.toMatchObject({ details: { rc: 6 } });
    const [whole] = ticksOf((await model('infer', { n: 1, warm: 0, layers: true })).t);
    const layer = await model('layers', { i: 0 });
    expect(layer).toMatchObject({ i: 0, n: 1, op: 10, macs: 0 });
    expect(layer.ticks).toBeLessThanOrEqual(whole!);
    await expect(model('layers', { i: 1 })).rejects.toMatchObject({ details: { rc: 5 } });
  });

  it('speaks the MLPerf Tiny protocol between SMP messages, and shrugs off noise', async () => {
    const talk = async (command: string): Promise<string[]> => {
      const lines = linesUntil(port, 'm-ready');
      await port.write(Buffer.from(command, 'latin1'));
      return lines;
    };
    await model('infer', { n: 1, warm: 0, data: new Uint8Array(bytes).fill(8) });
    expect(await talk('name%')).toEqual([`m-name-dut-[hilltop-${facts.board}]`, 'm-ready']);
    expect(await talk('%')).toEqual(['e-[Empty command]', 'm-ready']);
    expect(await talk('\x00\xffgarbage\nresults%')).toEqual([
      `m-results-[${Array(bytes).fill('1.000').join(',')}]`,
      'm-ready',
    ]);
    expect(await talk(`db load ${bytes}%`)).toEqual([`m-[Expecting ${bytes} bytes]`, 'm-ready']);
    // 31 bytes a command is what the benchmark's runner sends.
    for (const count of [31, 31, 1]) expect(await talk(`db ${'10'.repeat(count)}%`)).toEqual(['m-ready']);
    expect(await talk('db 10ffff%')).toEqual(['m-load-done', 'm-ready']);
    const inferred = await talk('infer 3 1%');
    expect(inferred.map((line) => line.replace(/us-\d+/, 'us'))).toEqual([
      ...['m-warmup-start-1', 'm-warmup-done', 'm-infer-start-3', 'm-lap-us', 'm-lap-us', 'm-infer-done'],
      ...[`m-results-[${Array(bytes).fill('2.000').join(',')}]`, 'm-ready'],
    ]);
    expect(await talk('db zz%')).toEqual(['e-[No bytes are expected: db load N comes first]', 'm-ready']);
    expect(await talk(`${'x'.repeat(200)}%`)).toEqual(['e-[Command is longer than 80 characters]', 'm-ready']);
    expect(await osGroup.echo(client, 'still here')).toBe('still here');
  });

  it('does not answer a frame with one bit flipped, and answers the next', async () => {
    const good = frameOf(Buffer.from('0a00000900000100a1616463616263', 'hex'));
    const { broken } = await statGroup.read(client, 'line');
    let flipped = 0;
    for (let bit = 0; bit < good.length * 8; bit += 7, flipped++) {
      const bad = Buffer.from(good);
      bad[bit >> 3]! ^= 1 << (bit & 7);
      await port.write(bad);
      await port.write(Buffer.from('\n'));
    }
    const after = await statGroup.read(client, 'line');
    expect(after['broken']! - broken!).toBeGreaterThan(flipped / 2);
    // One for the counters read before, one for those after: none of the damaged ones was taken.
    expect(after['lost']).toBe(0);
    expect(await osGroup.echo(client, 'next')).toBe('next');
  });

  it('starts over when asked to', async () => {
    const { boot } = await model('info', {});
    const gone = new Promise((resolve) => port.onClose(resolve));
    await osGroup.reset(client);
    if (facts.losesPort) {
      await gone;
      port = await board.open();
      client = new SmpClient(port, { timeoutMs: 3000, attempts: 5 });
    }
    const info = await model('info', {});
    expect(info.plan).toBeUndefined();
    if (!facts.losesPort) expect(info.boot).not.toBe(boot);
  });
}

function ticksOf(packed: Uint8Array): number[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  return Array.from({ length: packed.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}
