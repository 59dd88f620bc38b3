import { isLabError, type ModelCommand, modelAnswers, modelCommands, modelGroup } from '@hilltop/contracts';
import { describe, expect, it, jest } from '@jest/globals';
import { encode } from 'cborg';
import fc from 'fast-check';
import { SimulatedSmpBoard } from '../simulated/simulated-smp-board.js';
import { virtualTimer } from '../simulated/virtual-timer.js';
import { wire } from '../testing/wire.js';
import { decodePayload } from './cbor.js';
import { encodeFrame } from './frame.js';
import { askModel } from './model-group.js';
import { decodePacket, encodePacket } from './packet.js';
import { openSmpBoard } from './smp-board.js';
import { SmpClient } from './smp-client.js';

/** Many more by hand: HILLTOP_FUZZ=200000. */
const runs = Number(process.env.HILLTOP_FUZZ ?? 5000);
jest.setTimeout(60_000 + 100 * runs);

/** A value, or the LabError of a device; whatever else is thrown is a fault of ours. */
function valueOrLabError<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    if (!isLabError(error)) throw error;
    return error.code;
  }
}

const key = fc.constantFrom(
  'off',
  'len',
  'data',
  't',
  'n',
  'out',
  'rc',
  'err',
  'group',
  'i',
  'op',
  'ticks',
  'macs',
  'v',
  'ram',
  'buf',
  'arena',
  'plan',
  'in',
  'ops',
  'sha',
  'boot',
  'board',
  'hz',
  '__proto__',
  'constructor',
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.constantFrom(0, 1, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, 0.5),
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ maxLength: 12 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6 }),
  ),
}));
const fields = fc.dictionary(key, value, { maxKeys: 8 });

/** CBOR as it is, with bytes of it replaced, left out or put in, and bytes that never were any. */
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fields.map((map) => encode(map)),
  fc
    .tuple(
      fields.map((map) => encode(map)),
      fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(2)), { maxLength: 4 }),
    )
    .map(([bytes, changes]) => {
      const out = [...bytes];
      for (const [at, byte, kind] of changes) out.splice(at % (out.length + 1), kind, ...(kind < 2 ? [byte] : []));
      return Uint8Array.from(out);
    }),
);

describe('parsers of what a board says', () => {
  it(`[MCU-74] give a map or refuse, whatever the payload: ${runs} cases`, () => {
    const seen = { maps: 0, refused: 0 };
    fc.assert(
      fc.property(payload, (bytes) => {
        const got = valueOrLabError(() => decodePayload(bytes));
        if (typeof got === 'string') expect(got).toBe('device.protocol');
        else expect(Object.getPrototypeOf(got)).toBe(Object.prototype);
        seen[typeof got === 'string' ? 'refused' : 'maps']++;
      }),
      { numRuns: runs },
    );
    expect(Math.min(seen.maps, seen.refused)).toBeGreaterThan(runs / 10);
  });

  it(`[MCU-74] give a packet or refuse, whatever the bytes: ${runs} cases`, () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 40 }),
          payload.map((p) =>
            encodePacket({ version: 2, operation: 1, group: 64, sequence: 1, command: 0, payload: p }),
          ),
        ),
        (bytes) => {
          const got = valueOrLabError(() => decodePacket(bytes));
          if (typeof got === 'string') expect(got).toBe('device.protocol');
          else expect(got.payload.length).toBe(bytes.length - 8);
        },
      ),
      { numRuns: runs },
    );
  });

  it(`[MCU-71] end a request with an answer of its schema or with an error of the device: ${runs} cases`, async () => {
    const commands = Object.keys(modelCommands) as ModelCommand[];
    let answers = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...commands), payload, async (command, bytes) => {
        const { port } = wire((send) => ({
          receive: () =>
            send(
              encodeFrame(
                encodePacket({
                  version: 2,
                  operation: ['info', 'output', 'layers'].includes(command) ? 1 : 3,
                  group: modelGroup,
                  sequence: 1,
                  command: modelCommands[command],
                  payload: bytes,
                }),
              ),
            ),
        }));
        const client = new SmpClient(port, { timer: virtualTimer(), attempts: 1 });
        const got = await askModel(client, command, {} as never).catch((error: unknown) => error);
        if (isLabError(got)) expect(['device.protocol', 'device.refused', 'device.no-answer']).toContain(got.code);
        else {
          expect(modelAnswers[command].safeParse(got).success).toBe(true);
          answers++;
        }
      }),
      { numRuns: runs },
    );
    expect(answers).toBeGreaterThan(0);
  });

  it(`[MCU-71] end a whole conversation so when any of its answers is anything: ${Math.ceil(runs / 10)} cases`, async () => {
    const plan = new Uint8Array(1500);
    await fc.assert(
      fc.asyncProperty(fc.nat(12), payload, async (nth, bytes) => {
        const { port, peer } = wire((send) => new SimulatedSmpBoard({ inputBytes: 64, outputBytes: 10 }, send));
        let count = 0;
        peer.fault = (request, answer) =>
          count++ === nth
            ? encodeFrame(encodePacket({ ...request, operation: request.operation + 1, payload: bytes }))
            : answer();
        const outcome = await (async () => {
          const board = await openSmpBoard(port, { timer: virtualTimer(), attempts: 1 });
          const { sha256 } = await board.upload(plan);
          await board.load(sha256);
          const { output } = await board.runItem(new Uint8Array(64));
          const ticks = await board.infer({ inferences: 5 });
          return [output.length, ticks.length, (await board.layers()).length];
        })().catch((error: unknown) => error);
        if (!isLabError(outcome)) expect(outcome).toEqual([10, 5, 3]);
        else expect(outcome.code).toMatch(/^device\./);
      }),
      { numRuns: Math.ceil(runs / 10) },
    );
  });
});
