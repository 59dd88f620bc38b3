import { createHash } from 'node:crypto';
import { modelCommands, modelGroup } from '@hilltop/contracts';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { SimulatedSmpBoard } from '../simulated/simulated-smp-board.js';
import { virtualTimer } from '../simulated/virtual-timer.js';
import { keptBoard } from '../testing/kept-board.js';
import { type Way, wire } from '../testing/wire.js';
import { decodePayload } from './cbor.js';
import { FrameParser } from './frame-parser.js';
import { askModel, uploadPlan } from './model-group.js';
import { osGroup } from './os-group.js';
import { decodePacket } from './packet.js';
import { SmpClient } from './smp-client.js';

/** As many bytes as the plan of the small sample model has. */
const planBytes = 11_520;
const plan = Uint8Array.from({ length: planBytes }, (_, i) => (i * i) >> 3);
const sha256 = createHash('sha256').update(plan).digest('hex');
const bufferBytes = 1024;
/** Many more by hand: HILLTOP_FUZZ=200000. */
const runs = Number(process.env.HILLTOP_FUZZ ?? 5000);
jest.setTimeout(60_000 + 100 * runs);

const board = () => keptBoard({ bufferBytes });
const load = (client: SmpClient) => askModel(client, 'load', { sha: Buffer.from(sha256, 'hex') });

/** Wire bytes of a frame up to and with the character that brings byte `at` of its packet: 93 bytes a line of 127, 2 of marker. */
function wireBytesUntil(at: number): number {
  const raw = 2 + at;
  return 127 * Math.floor(raw / 93) + 2 + Math.ceil((((raw % 93) + 1) * 4) / 3);
}

/** Where in a packet its field `data` begins, and which part of the plan that is. */
function dataOf(frame: Uint8Array): { readonly off: number; readonly at: number; readonly bytes: number } | undefined {
  const event = new FrameParser().push(frame).find((e) => e.kind === 'packet');
  if (event?.kind !== 'packet') return undefined;
  const packet = decodePacket(event.bytes);
  if (packet.group !== modelGroup || packet.command !== modelCommands.upload) return undefined;
  const { off, data } = decodePayload(packet.payload) as { off: number; data: Uint8Array };
  const at = Buffer.from(event.bytes).indexOf(Buffer.from(data));
  return { off, at, bytes: data.length };
}

describe('a transfer that is cut once', () => {
  it.each([
    ['right before byte', 0],
    ['right after byte', 1],
  ])('[MCU-73] %s k x 100 of the plan resumes and completes, for every k', async (_where, after) => {
    let cuts = 0;
    for (let k = 0; k * 100 < planBytes; k++) {
      const { peer, plug } = board();
      let reached = -1;
      const cut: Way = (bytes, deliver, unplug) => {
        const data = dataOf(bytes);
        if (!data || k * 100 < data.off || k * 100 >= data.off + data.bytes) return deliver(bytes);
        const end = wireBytesUntil(data.at + k * 100 - data.off - 1 + after);
        deliver(bytes.subarray(0, end));
        reached = data.off;
        unplug();
      };
      await expect(uploadPlan(plug({ out: cut }).client, plan, bufferBytes)).rejects.toMatchObject({
        code: 'device.unplugged',
      });
      const there = peer.requests.length;
      const { client } = plug();
      const result = await uploadPlan(client, plan, bufferBytes);
      // It goes on at the chunk that was cut, which only its first request had to ask for.
      expect({ k, ...result }).toMatchObject({ k, sha256, restarts: 0 });
      const offs = peer.requests.slice(there).map((r) => r.fields.off as number);
      expect(offs.slice(0, 2)).toEqual(reached === 0 ? [0, offs[1]] : [0, reached]);
      expect(await load(client)).toMatchObject({ plan: planBytes });
      cuts++;
    }
    expect(cuts).toBe(116);
  });
});

describe('one flipped bit', () => {
  const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
    const damaged = Uint8Array.from(bytes);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    return damaged;
  };

  /** An echo with that bit of its question or answer flipped: what was heard and what came back. */
  async function echo(text: string, direction: 'out' | 'back', bit: number) {
    let once = false;
    const flip: Way = (bytes, deliver) => {
      deliver(once ? bytes : flipped(bytes, bit));
      once = true;
    };
    const { port, peer } = wire((send) => new SimulatedSmpBoard({ bufferBytes: 4096 }, send), { [direction]: flip });
    const client = new SmpClient(port, { timer: virtualTimer() });
    return { got: await osGroup.echo(client, text), heard: peer.requests.map((r) => r.fields.d), client };
  }
  const frameBits = async (text: string): Promise<number> => {
    const { client } = await echo(text, 'out', 0);
    // The first attempt, then a newline and the second.
    return 8 * ((client.counters.bytesOut - 1) / 2);
  };

  it.each(['out', 'back'] as const)('[MCU-74] of a small message on its way %s is always caught', async (direction) => {
    const bits = await frameBits('hello');
    expect(bits).toBe(8 * 31);
    let caught = 0;
    for (let bit = 0; bit < bits; bit++) {
      const { got, heard, client } = await echo('hello', direction, bit);
      expect({ bit, got, heard: new Set(heard) }).toEqual({ bit, got: 'hello', heard: new Set(['hello']) });
      caught += client.counters.retries;
    }
    expect(caught).toBe(bits);
  });

  it(`[MCU-74] of a message of forty lines is always caught: ${Math.ceil(runs / 25) * 2} cases, either way`, async () => {
    const text = 'The quick brown fox. '.repeat(170);
    const bits = await frameBits(text);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('out', 'back'), fc.nat(bits - 1), async (direction, bit) => {
        const { got, heard } = await echo(text, direction as 'out' | 'back', bit);
        expect(got === text && heard.every((d) => d === text)).toBe(true);
      }),
      { numRuns: Math.ceil(runs / 25) * 2 },
    );
  });
});

describe('garbage', () => {
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .constantFrom('<inf> log\r\n', '> ', '\x06', '\x06\x09', '\x04\x14AAAA\n', '\x06\x09AB', 'm-ready\r\n')
      .map((t) => Buffer.from(t, 'latin1')),
  );

  it(`[MCU-74] between frames does no harm: ${Math.ceil(runs / 100)} plans among it`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(garbage, { minLength: 1, maxLength: 20 }), async (pieces) => {
        let nth = 0;
        const among: Way = (bytes, deliver) => {
          // It ends with a newline where it could be taken for the beginning of a line.
          deliver(Buffer.concat([pieces[nth++ % pieces.length]!, Buffer.of(0x0a), bytes]));
        };
        const { peer, plug } = board();
        const { client } = plug({ out: among, back: among });
        expect(await uploadPlan(client, plan, bufferBytes)).toMatchObject({ sha256, restarts: 0 });
        expect(await load(client)).toMatchObject({ plan: planBytes });
        // Not one was repeated: no frame was lost by it.
        expect([client.counters.retries, peer.requests.length]).toEqual([0, client.counters.requests]);
      }),
      { numRuns: Math.ceil(runs / 100) },
    );
  });
});
