import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure, runtimes } from '@hilltop/agent';
import { type Observations, type Protocol, protocolOf } from '@hilltop/contracts';
import { summarize } from '@hilltop/server/dist/summaries/summarize.js';
import { example, root } from '../../test/support/lab.js';
import { comparisonFigures, isWide, quadruple, type Take } from './abba.js';
import { type Bench, type BenchOptions, type BenchResult, outcomeOf } from './bench.js';
import { subjectOf } from './subject.js';

/** ABBA quadruples: a drift that is linear in time cancels in each. */
const pairsWanted = 30;
/** A noisy session goes on while its control's interval is wider than it may be; its width alone decides. */
const pairsAtMost = 90;
const pairsQuick = 8;
/** What the lab may add to the bare loop, and what the session may differ from itself. */
const ratioLimit = 1.02;
const controlWithin = 0.01;

/** The bare loop in a process of its own, for as long as a block lasts. */
function bareLoop(subject: ReturnType<typeof subjectOf>, protocol: Protocol): Take {
  const task = JSON.stringify({
    model: subject.artifact.path,
    inputs: subject.inputs,
    threads: 1,
    graphLevel: 'all',
    warmUpMs: protocol.warmUpMinMs,
    warmUpInferences: 2 * protocol.warmUpMinInferences,
    measureMs: protocol.blockMinMs,
    measureInferences: protocol.blockMinInferences,
  });
  return () =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(root, 'bench/bare-loop.mjs')], {
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
          : reject(new Error(`the bare loop ended with ${code}`)),
      );
      child.stdin.end(task);
    });
}

/** One block of the real path: capped child, observations in batches, the coordinator's own summary of them. */
function labBlock(subject: ReturnType<typeof subjectOf>, protocol: Protocol, workDir: string): Take {
  const driver = runtimes.onnxruntime({ workDir });
  return async () => {
    const batches: Observations[] = [];
    await measure(
      {
        runId: 'run_bench0000',
        fence: 1,
        protocol: { ...protocol, blocks: 1 },
        subject: { ...subject, settings: { threads: 1, graphLevel: 'all' }, timeoutMs: protocol.blockTimeoutMs },
      },
      driver,
      { onObservations: (o) => batches.push(o), onProgress: () => undefined },
      new AbortController().signal,
    );
    return summarize({ batches, protocol, deviceType: 'bench', artifactMetrics: {}, labelled: false }).metrics
      .latency_p50_ms!.value;
  };
}

async function run(options: BenchOptions): Promise<BenchResult> {
  const protocol = protocolOf(options.protocol);
  const workDir = mkdtempSync(join(tmpdir(), 'hilltop-bench-'));
  try {
    const subject = subjectOf(example(options.model));
    const bare = bareLoop(subject, protocol);
    const lab = labBlock(subject, protocol, workDir);
    const [wanted, most] = options.quick ? [pairsQuick, pairsQuick] : [pairsWanted, pairsAtMost];
    const raw = { lab: [] as number[], control: [] as number[], ratios: [] as number[], controlRatios: [] as number[] };
    await lab();
    for (let i = 0; i < wanted || (i < most && isWide(raw.controlRatios, controlWithin)); i++) {
      // The control takes turns with the comparison, so that both see the same hours of the machine.
      raw.ratios.push(await quadruple(bare, lab, raw.lab));
      raw.controlRatios.push(await quadruple(bare, bare, raw.control));
      options.log(
        `pair ${i + 1} of at least ${wanted}: lab/bare ${raw.ratios.at(-1)!.toFixed(4)}, bare/bare ${raw.controlRatios.at(-1)!.toFixed(4)}`,
      );
    }
    return judge(options, raw);
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

function judge(
  options: BenchOptions,
  raw: { lab: number[]; control: number[]; ratios: number[]; controlRatios: number[] },
): BenchResult {
  const { figures, holds, note } = comparisonFigures(raw, {
    what: 'reported p50 / bare p50',
    bare: 'bare p50',
    limit: ratioLimit,
    within: controlWithin,
  });
  return {
    outcome: holds ? outcomeOf(figures) : 'inconclusive',
    figures,
    notes: [
      `model ${options.model}, 1 thread, graph level all, blocks of protocol ${options.protocol}; each value is a process of its own; ABBA, comparison and control by turns`,
      note,
    ],
    raw,
  };
}

export const latency: Bench = { name: 'latency', title: 'Reported p50 against a bare loop', run };
