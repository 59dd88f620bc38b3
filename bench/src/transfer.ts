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
const roundsQuick = 12;
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

/** One side of the comparison: what each fetch took, MB/s, and the CPU time of its ends, ms/MB in sum. */
interface Side {
  readonly rates: number[];
  sending: number;
  receiving: number;
}

const fresh = (): Side => ({ rates: [], sending: 0, receiving: 0 });

interface Ends {
  /** Processes that send: with a publisher the broker is one of two. */
  readonly senders: readonly number[];
  readonly receiver: HelperProcess;
  readonly question: AgentQuestion | BareQuestion;
  readonly megabytes: number;
}

/** Runs one fetch and adds what it took to its side. */
async function account(side: Side, { senders, receiver, question, megabytes }: Ends): Promise<void> {
  const sent = (): number => senders.reduce((sum, pid) => sum + cpuTimeMs(pid), 0);
  const before = [sent(), cpuTimeMs(receiver.pid)] as const;
  const seconds = await receiver.ask<number>(question);
  side.rates.push(megabytes / seconds);
  side.sending += (sent() - before[0]) / megabytes;
  side.receiving += (cpuTimeMs(receiver.pid) - before[1]) / megabytes;
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const megabytes = options.quick ? megabytesQuick : megabytesWanted;
  const rounds = options.quick ? roundsQuick : roundsWanted;
  const folder = mkdtempSync(join(tmpdir(), 'hilltop-bench-'));
  const lab = await startLab({ env: { HILLTOP_LOG: 'warn' } });
  const broker = new JsonProcess('bare broker', [join(root, 'bench/dist/bench/src/bare-broker.js')]);
  const agent = new HelperProcess('transfer-agent');
  const publisher = new HelperProcess('transfer-bare');
  const receiver = new HelperProcess('transfer-bare');
  try {
    const { port } = await broker.event((e) => 'port' in e);
    const url = `ws://127.0.0.1:${Number(port)}`;
    await publisher.ask({ connect: url, as: 'publisher' } satisfies BareQuestion);
    await receiver.ask({ connect: url, as: 'receiver' } satisfies BareQuestion);
    const token = await lab.joinToken();
    await agent.ask({ connect: { url: lab.url, token, name: 'bench-transfer', folder } } satisfies AgentQuestion);
    const pushed = await lab.push('transfer', { model: incompressibleModel(megabytes) });
    const selector = { devices: ['bench-transfer'] };
    await lab.submit({ model: pushed.id, recipes: ['fp32'], selector, protocol: 'quick' });
    const length = await agent.ask<number>({ what: 'hold' } satisfies AgentQuestion);
    const chunks = Math.ceil(length / chunkBytes);
    const bareEnds = { receiver, megabytes: (chunks * chunkBytes) / 1e6 };
    const ends: Record<keyof Sides, Ends> = {
      lab: { senders: [lab.server.pid], receiver: agent, question: { what: 'fetch' }, megabytes: length / 1e6 },
      bare: { ...bareEnds, senders: [broker.pid, publisher.pid], question: { chunks, from: 'publisher' } },
      short: { ...bareEnds, senders: [broker.pid], question: { chunks, from: 'broker' } },
    };
    // Once unseen: code is compiled and files are in memory.
    for (const one of Object.values(ends)) await account(fresh(), one);
    const sides: Sides = { lab: fresh(), bare: fresh(), short: fresh() };
    const names = Object.keys(sides) as Array<keyof Sides>;
    for (let round = 0; round < rounds; round++) {
      for (const name of round % 2 === 0 ? names : names.toReversed()) await account(sides[name], ends[name]);
      const rates = names.map((name) => `${name} ${sides[name].rates.at(-1)!.toFixed(1)}`);
      options.log(`round ${round + 1} of ${rounds}, MB/s: ${rates.join(', ')}`);
    }
    return judge(sides, megabytes);
  } finally {
    agent.stop();
    publisher.stop();
    receiver.stop();
    await broker.stop();
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `short`: the bare broker's own process answers, without a publisher behind it. */
type Sides = Record<'lab' | 'bare' | 'short', Side>;

function judge({ lab, bare, short }: Sides, megabytes: number): BenchResult {
  const n = lab.rates.length;
  const over = (side: Side) => bootstrapRatio(lab.rates.map((rate, i) => rate / side.rates[i]!));
  const bound = { op: '>=', value: ratioWanted } as const;
  const figures: Figure[] = [
    { what: 'artifact transfer / bare broker, geometric mean', ...over(bare), unit: '', n, bound },
    { what: 'artifact transfer', value: geometricMean(lab.rates), unit: 'MB/s', n },
    { what: 'bare broker, publisher -> aedes -> receiver', value: geometricMean(bare.rates), unit: 'MB/s', n },
    { what: 'bare broker answering by itself (one hop)', value: geometricMean(short.rates), unit: 'MB/s', n },
    { what: 'artifact transfer / that, geometric mean', ...over(short), unit: '', n },
    { what: 'CPU, lab: coordinator', value: lab.sending / n, unit: 'ms/MB' },
    { what: 'CPU, lab: agent', value: lab.receiving / n, unit: 'ms/MB' },
    { what: 'CPU, bare: publisher and broker', value: bare.sending / n, unit: 'ms/MB' },
    { what: 'CPU, bare: receiver', value: bare.receiving / n, unit: 'ms/MB' },
  ];
  return {
    outcome: outcomeOf(figures),
    figures,
    raw: { lab, bare, short },
    notes: [
      `${megabytes} MB of random bytes, chunks of ${chunkBytes / 1024} KiB, ${chunkWindow} in flight, QoS 0, MQTT over WebSocket everywhere, each end a process of its own on one machine, by turns`,
      'lab: from the request to the blob verified (each chunk and whole), synced and adopted by the cache; bare: mqtt.js publishes one buffer from memory when asked, mqtt.js takes it and throws it away',
    ],
  };
}

export const transfer: Bench = {
  name: 'transfer',
  title: 'Artifact transfer against a bare broker, incompressible',
  run,
};
