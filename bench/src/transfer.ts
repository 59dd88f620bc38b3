import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunkBytes, chunkWindow } from '@hilltop/contracts';
import { root, startLab } from '../../test/support/lab.js';
import { bytes, int, message, model, node, tensor, value } from '../../test/support/onnx.js';
import { JsonProcess } from '../../test/support/process.js';
import { type Bench, type BenchOptions, type BenchResult, type Figure, outcomeOf } from './bench.js';
import { cpuTimeMs } from './cpu-time.js';
import { HelperProcess } from './helper-process.js';
import { bootstrapRatio, geometricMean } from './statistics.js';
import type { AgentQuestion } from './transfer-agent.js';
import type { BareQuestion } from './transfer-bare.js';

const megabytesWanted = 40;
const megabytesQuick = 10;
const roundsWanted = 20;
const roundsQuick = 4;
const ratioWanted = 0.5;
const uint8 = 2;
const float = 1;

/** A valid model that is nearly all one random initializer: y = x + float(b[0]). */
function incompressibleModel(megabytes: number): Buffer {
  const size = megabytes * 1_000_000;
  const zero = new Uint8Array(BigInt64Array.of(0n).buffer);
  // AttributeProto: name = 1, i = 3, type = 20 (INT = 2); Cast to float.
  const toFloat = message(5, bytes(1, 'to'), int(3, float), int(20, 2));
  return model(
    node('Gather', ['b', 'i'], ['g']),
    node('Cast', ['g'], ['f'], toFloat),
    node('Add', ['x', 'f'], ['y']),
    tensor(5, 'b', uint8, [size], randomBytes(size)),
    tensor(5, 'i', 7, [1], zero),
    value(11, 'x', float, [1, 4]),
    value(12, 'y', float, [1, 4]),
  );
}

/** One side of the comparison: what a fetch took, MB/s, and the CPU time of both its ends, ms/MB. */
interface Side {
  readonly rates: number[];
  sender: number;
  receiver: number;
}

/** Runs one fetch and adds what it took to its side. */
async function account(
  side: Side,
  sender: number,
  receiver: HelperProcess,
  question: AgentQuestion | BareQuestion,
  megabytes: number,
): Promise<void> {
  const before = [cpuTimeMs(sender), cpuTimeMs(receiver.pid)] as const;
  const seconds = await receiver.ask<number>(question);
  side.rates.push(megabytes / seconds);
  side.sender += (cpuTimeMs(sender) - before[0]) / megabytes;
  side.receiver += (cpuTimeMs(receiver.pid) - before[1]) / megabytes;
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const megabytes = options.quick ? megabytesQuick : megabytesWanted;
  const rounds = options.quick ? roundsQuick : roundsWanted;
  const folder = mkdtempSync(join(tmpdir(), 'hilltop-bench-'));
  const lab = await startLab({ env: { HILLTOP_LOG: 'warn' } });
  const broker = new JsonProcess('bare broker', [join(root, 'bench/dist/bench/src/bare-broker.js')]);
  const agent = new HelperProcess('transfer-agent');
  const client = new HelperProcess('transfer-bare');
  try {
    const { port } = await broker.event((e) => 'port' in e);
    await client.ask({ connect: `ws://127.0.0.1:${Number(port)}` } satisfies BareQuestion);
    const token = await lab.joinToken();
    await agent.ask({ connect: { url: lab.url, token, name: 'bench-transfer', folder } } satisfies AgentQuestion);
    const pushed = await lab.push('transfer', { model: incompressibleModel(megabytes) });
    await lab.submit({
      model: pushed.id,
      recipes: ['fp32'],
      selector: { devices: ['bench-transfer'] },
      protocol: 'quick',
    });
    const length = await agent.ask<number>({ what: 'hold' } satisfies AgentQuestion);
    const chunks = Math.ceil(length / chunkBytes);
    const ours: Side = { rates: [], sender: 0, receiver: 0 };
    const bare: Side = { rates: [], sender: 0, receiver: 0 };
    const fetchOurs = (side: Side) => account(side, lab.server.pid, agent, { what: 'fetch' }, length / 1e6);
    const fetchBare = (side: Side) => account(side, broker.pid, client, { chunks }, (chunks * chunkBytes) / 1e6);
    // Once unseen: code is compiled and files are in memory.
    await fetchOurs({ rates: [], sender: 0, receiver: 0 });
    await fetchBare({ rates: [], sender: 0, receiver: 0 });
    for (let round = 0; round < rounds; round++) {
      const turns = [() => fetchOurs(ours), () => fetchBare(bare)];
      for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
      options.log(
        `round ${round + 1} of ${rounds}: lab ${ours.rates.at(-1)!.toFixed(1)} MB/s, bare ${bare.rates.at(-1)!.toFixed(1)} MB/s`,
      );
    }
    return judge(ours, bare, megabytes);
  } finally {
    agent.stop();
    client.stop();
    await broker.stop();
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function judge(ours: Side, bare: Side, megabytes: number): BenchResult {
  const n = ours.rates.length;
  const ratio = bootstrapRatio(ours.rates.map((rate, i) => rate / bare.rates[i]!));
  const figures: Figure[] = [
    {
      what: 'artifact transfer / bare broker, geometric mean',
      ...ratio,
      unit: '',
      n,
      bound: { op: '>=', value: ratioWanted },
    },
    { what: 'artifact transfer', value: geometricMean(ours.rates), unit: 'MB/s', n },
    { what: 'bare broker', value: geometricMean(bare.rates), unit: 'MB/s', n },
    { what: 'CPU of the coordinator', value: ours.sender / n, unit: 'ms/MB' },
    { what: 'CPU of the agent', value: ours.receiver / n, unit: 'ms/MB' },
    { what: 'CPU of the bare broker', value: bare.sender / n, unit: 'ms/MB' },
    { what: 'CPU of the bare client', value: bare.receiver / n, unit: 'ms/MB' },
  ];
  return {
    outcome: outcomeOf(figures),
    figures,
    raw: { ours, bare },
    notes: [
      `${megabytes} MB of random bytes, chunks of ${chunkBytes / 1024} KiB, ${chunkWindow} in flight, MQTT over WebSocket on both sides, four processes on one machine, by turns`,
      'lab: from the request to the blob verified (each chunk and whole), synced and adopted by the cache; bare: aedes publishes one buffer from memory, the client throws it away',
    ],
  };
}

export const transfer: Bench = {
  name: 'transfer',
  title: 'Artifact transfer against a bare broker, incompressible',
  run,
};
