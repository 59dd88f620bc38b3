import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { createHost } from '@hilltop/compression';
import { modelAnswers, modelCommands, modelGroup } from '@hilltop/contracts';
import {
  type BytePort,
  EmulatedPico,
  openEmulatedPort,
  osGroup,
  readFirmware,
  SmpClient,
  uploadBlob,
} from '@hilltop/firmware-bridge';
import { buildHostFirmware, startHostFirmware } from '../../test/support/host-firmware.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { samplePlan } from './sample-plan.js';
import { type WireCount, wireFigures } from './wire-figures.js';

const models = ['fashion-resnet-micro', 'fashion-resnet'] as const;
const buffers = [256, 320, 384, 448, 512, 640, 768, 1024, 1536, 2048, 3072] as const;
const baud = 115_200;

interface NamedPlan {
  readonly name: string;
  readonly plan: Uint8Array;
}

/** A port that counts at its own end what goes through it, whatever the client says. */
function counted(port: BytePort): { readonly port: BytePort; readonly bytes: { out: number; in: number } } {
  const bytes = { out: 0, in: 0 };
  port.onData((chunk) => {
    bytes.in += chunk.length;
  });
  const write = (chunk: Uint8Array): Promise<void> => {
    bytes.out += chunk.length;
    return port.write(chunk);
  };
  return { port: { ...port, write }, bytes };
}

/** Brings a plan over, into a board that has nothing of it. */
async function upload(client: SmpClient, plan: Uint8Array, bufferBytes: number): Promise<void> {
  await uploadBlob(
    client,
    { what: 'the upload of the plan', group: modelGroup, command: modelCommands.upload, bufferBytes },
    plan,
  );
}

const erase = (client: SmpClient): Promise<unknown> =>
  client.request({
    what: 'the erasure of the plan',
    operation: 'write',
    group: modelGroup,
    command: modelCommands.erase,
    payload: {},
    answer: modelAnswers.erase,
  });

/** Every plan through every buffer and the firmware's own, over a socket to the firmware as a process. */
async function countUploads(
  plans: readonly NamedPlan[],
  sizes: readonly number[],
): Promise<{ readonly counts: readonly WireCount[]; readonly shipped: number }> {
  const program = buildHostFirmware();
  try {
    const machine = await startHostFirmware(program);
    try {
      const { port, bytes } = counted(await machine.open());
      const client = new SmpClient(port);
      const shipped = await osGroup.bufferBytes(client);
      const counts: WireCount[] = [];
      for (const bufferBytes of [...sizes, shipped])
        for (const { name, plan } of plans) {
          await erase(client);
          const before = { ...bytes, ...client.counters };
          await upload(client, plan, bufferBytes);
          if (client.counters.retries > before.retries)
            throw new Error('a chunk was sent twice: this is no clean line');
          counts.push({
            plan: name,
            planBytes: plan.length,
            bufferBytes,
            bytesOut: bytes.out - before.out,
            bytesIn: bytes.in - before.in,
            requests: client.counters.requests - before.requests,
          });
        }
      await port.close();
      return { counts, shipped };
    } finally {
      await machine.stop();
    }
  } finally {
    rmSync(dirname(program), { recursive: true, force: true });
  }
}

/** Seconds of the emulated Pico for one upload: its line at 115200 baud and what it does with the bytes; its answers take no time there. */
async function picoSeconds({ plan }: NamedPlan): Promise<number> {
  const cyclesPerByte = Math.round((125e6 * 10) / baud);
  const pico = new EmulatedPico({ image: readFirmware('pico'), cyclesPerByte });
  try {
    const port = await openEmulatedPort(pico);
    const client = new SmpClient(port);
    const bufferBytes = await osGroup.bufferBytes(client);
    const before = await pico.facts();
    await upload(client, plan, bufferBytes);
    const after = await pico.facts();
    await port.close();
    return (after.cycles - before.cycles) / after.hertz;
  } finally {
    await pico.close();
  }
}

async function run({ quick, log }: BenchOptions): Promise<BenchResult> {
  if (spawnSync('cc', ['--version']).status !== 0)
    throw new Error(
      'the firmware is built for this machine, and there is no cc (Debian: apt-get install build-essential)',
    );
  const host = createHost();
  const plans: NamedPlan[] = [];
  try {
    for (const name of quick ? models.slice(0, 1) : models)
      plans.push({ name, plan: (await samplePlan(name, host)).plan });
  } finally {
    await host.close();
  }
  const { counts, shipped } = await countUploads(plans, quick ? [512] : buffers);
  log(`${counts.length} uploads`);
  const seconds = await picoSeconds(plans[0]!);
  const figures: Figure[] = [
    ...wireFigures(counts, shipped, baud),
    { what: `${plans[0]!.name}: emulated Pico at ${baud} baud, its own time`, value: seconds, unit: 's' },
  ];
  return {
    outcome: outcomeOf(figures),
    figures,
    raw: counts,
    notes: [
      'bytes counted at the port, over a Unix socket to the host build of the firmware; erased before each upload, nothing sent twice; n: requests',
      `the firmware that ships has a buffer of ${shipped} bytes; smaller ones are what the client was told`,
      'line: every byte both ways, ten bits each, one after the other; computed, without the time of the board and of the host',
      'emulated Pico: cycles from the first byte to the last answer; the receiving side of its UART keeps time, its answers take none',
    ],
  };
}

export const wire: Bench = { name: 'wire', title: 'Uploading a plan over the serial console framing', run };
