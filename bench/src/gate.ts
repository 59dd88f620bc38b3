import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { example, root } from '../../test/support/lab.js';
import type { Bench, BenchOptions, BenchResult } from './bench.js';
import { allowedCores, pin, shareOut } from './cores.js';
import { judgeGate } from './gate-judge.js';
import { type GateSession, type Round, spin } from './gate-nights.js';
import { subjectOf } from './subject.js';

interface Plan {
  readonly baselineRounds: number;
  readonly rounds: number;
  readonly nights: number;
  readonly resamples: { readonly slower: number; readonly equal: number };
}

const full: Plan = { baselineRounds: 60, rounds: 18, nights: 20, resamples: { slower: 1000, equal: 2000 } };
const short: Plan = { baselineRounds: 30, rounds: 18, nights: 2, resamples: { slower: 100, equal: 100 } };
/** 1,560 processes in less than twelve minutes: 0.11 s of each goes by before the first inference. */
const [warmUpMs, measureMs] = [60, 260];

/** Measures one process that spins away a share of each inference; resolves to its median, ms. */
type Take = (spin: number) => Promise<number>;

function processOn(core: number, subject: ReturnType<typeof subjectOf>): Take {
  const task = { model: subject.artifact.path, inputs: subject.inputs, warmUpMs, measureMs };
  return (share) =>
    new Promise((resolve, reject) => {
      const child = spawn('taskset', ['-c', `${core}`, process.execPath, join(root, 'bench/gate-loop.mjs')], {
        stdio: ['pipe', 'pipe', 'inherit'],
        // A session of its own, as the lab's child has one: the kernel shares CPU time out among sessions.
        detached: true,
        env: { PATH: '/usr/bin:/bin', LANG: 'C' },
      });
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString();
      });
      child.once('error', reject);
      child.once('close', (code) =>
        code === 0
          ? resolve((JSON.parse(out) as { p50: number }).p50)
          : reject(new Error(`the loop ended with ${code}`)),
      );
      child.stdin.end(JSON.stringify({ ...task, spin: share }));
    });
}

/** Rounds of subject and control, A B B A: a drift that is linear in time cancels. */
async function night(take: Take, rounds: number, share: number): Promise<Round[]> {
  const out: Round[] = [];
  for (let i = 0; i < rounds; i++) {
    if (i % 2 === 0) out.push({ subject: await take(share), control: await take(0) });
    else {
      const control = await take(0);
      out.push({ subject: await take(share), control });
    }
  }
  return out;
}

/** Equal and slower nights by turns, so that both see the same hours of the machine. */
async function record({ baselineRounds, rounds, nights }: Plan, { model, log }: BenchOptions): Promise<GateSession> {
  const { measured, others } = shareOut(allowedCores());
  pin(process.pid, others);
  const take = processOn(measured, subjectOf(example(model)));
  await take(0);
  const baseline = await night(take, baselineRounds, 0);
  log(`baseline: ${baselineRounds} rounds`);
  const equal: Round[][] = [];
  const slower: Round[][] = [];
  for (let i = 0; i < nights; i++) {
    equal.push(await night(take, rounds, 0));
    slower.push(await night(take, rounds, spin));
    log(`night ${i + 1} of ${nights}, equal and slower`);
  }
  return { baseline, equal, slower };
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const plan = options.quick ? short : full;
  const kept = process.env['HILLTOP_GATE_SESSION'];
  const folder = join(root, 'bench', '.cache');
  mkdirSync(folder, { recursive: true });
  const file =
    kept ?? join(folder, `gate-${options.quick ? 'quick-' : ''}${new Date().toISOString().replaceAll(':', '')}.json`);
  const session: GateSession = kept ? JSON.parse(readFileSync(kept, 'utf8')) : await record(plan, options);
  if (!kept) writeFileSync(file, JSON.stringify(session));
  options.log(`session: ${file}`);
  return judgeGate(session, plan.resamples, [
    `model ${options.model} as subject and as control, 1 thread; each value is the median of a process of its own (${warmUpMs} ms of warm-up, ${measureMs} ms measured) on one core, everything else on the others; subject and control by turns, A B B A`,
    ...(kept ? [`judged again: ${basename(kept)}`] : []),
  ]);
}

export const gate: Bench = { name: 'gate', title: 'A slowdown of 3 % at --max-regression 1 %, and equal nights', run };
