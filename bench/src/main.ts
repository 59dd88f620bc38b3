import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../test/support/lab.js';
import type { Bench, BenchOptions, BenchResult, Outcome } from './bench.js';
import { benches } from './benches.js';
import { type BenchRecord, type Machine, printed } from './report.js';
import { updateReadme } from './table.js';

const exitCodes = { met: 0, missed: 1, inconclusive: 3 } as const satisfies Record<Outcome, number>;

const usage = `usage: npm run bench -- <name|letter>... [--quick] [--json] [--protocol quick|standard] [--model FILE]
${Object.entries(benches)
  .map(([letter, bench]) => `  ${letter}  ${bench.name.padEnd(11)} ${bench.title}`)
  .join('\n')}
  all            every one of them, one after the other
  table          write the kept results into bench/README.md`;

interface Command {
  readonly chosen: readonly Bench[];
  readonly options: BenchOptions;
  readonly json: boolean;
  readonly table: boolean;
}

function read(): Command {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean' },
      json: { type: 'boolean' },
      protocol: { type: 'string' },
      model: { type: 'string' },
    },
  });
  const chosen = positionals.flatMap((name) => {
    if (name === 'table') return [];
    if (name === 'all') return Object.values(benches);
    const bench = benches[name] ?? Object.values(benches).find((b) => b.name === name);
    if (!bench) throw new Error(`there is no bench ${name}`);
    return [bench];
  });
  const table = positionals.includes('table');
  if (chosen.length === 0 && !table) throw new Error('which bench?');
  const protocol = values.protocol === 'standard' ? 'standard' : 'quick';
  const model = values.model ?? 'models/fashion-resnet.onnx';
  return {
    chosen,
    table,
    json: values.json ?? false,
    options: { quick: values.quick ?? false, protocol, model, log: (line) => process.stderr.write(`${line}\n`) },
  };
}

/** Where and when: what must stand beside a figure. */
function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    loadAverage: loadavg(),
  };
}

async function runOne(bench: Bench, options: BenchOptions, json: boolean): Promise<Outcome> {
  const startedAt = new Date().toISOString();
  const before = machine();
  const given = process.argv.slice(2).filter((argument) => argument.startsWith('--') || argument.includes('/'));
  const command = ['npm run bench --', bench.name, ...given].join(' ');
  const result: BenchResult = await bench.run(options);
  const record: BenchRecord = {
    name: bench.name,
    title: bench.title,
    command,
    startedAt,
    endedAt: new Date().toISOString(),
    machine: before,
    loadAverageAfter: loadavg(),
    quick: options.quick,
    ...result,
  };
  if (!options.quick) {
    const folder = join(root, 'bench', 'results');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${bench.name}.json`), `${JSON.stringify(record, undefined, 1)}\n`);
  }
  process.stdout.write(json ? `${JSON.stringify(record)}\n` : printed(record));
  return result.outcome;
}

let code = 0;
try {
  const { chosen, options, json, table } = read();
  if (table) process.stdout.write(`${updateReadme()}\n`);
  for (const bench of chosen) code = Math.max(code, exitCodes[await runOne(bench, options, json)]);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n${usage}\n`);
  code = 2;
}
process.exit(code);
