import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlanFacts } from '@hilltop/contracts';

const firmware = fileURLToPath(new URL('../../../firmware-bridge/firmware/', import.meta.url));

/** Whether this machine has a C compiler. */
export const hasCompiler = spawnSync('cc', ['--version']).status === 0;

/** The firmware's interpreter and kernels as a program of this machine: the reference of all boards. */
export interface PlanHost {
  /** Outputs of a plan for each item, one behind the other; items are the bytes of its inputs. */
  run(plan: Uint8Array, facts: PlanFacts, items: readonly (readonly Uint8Array[])[]): Uint8Array[];
  close(): void;
}

/** Compiles the program from the sources of the firmware. */
export function buildPlanHost(): PlanHost {
  const folder = mkdtempSync(join(tmpdir(), 'hilltop-plan-'));
  const program = join(folder, 'run-plan');
  const sources = ['core', 'core/kernels'].flatMap((at) =>
    readdirSync(join(firmware, at))
      .filter((name) => name.endsWith('.c'))
      .map((name) => join(firmware, at, name)),
  );
  const built = spawnSync('cc', ['-std=c11', '-O2', '-o', program, join(firmware, 'host/run-plan.c'), ...sources], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the firmware's core does not compile here: ${built.stderr}`);
  return {
    run(plan, facts, items) {
      const file = join(folder, 'model.plan');
      writeFileSync(file, plan);
      const done = spawnSync(program, [file], { input: Buffer.concat(items.flat()), maxBuffer: 1 << 30 });
      if (done.status !== 0) throw new Error(`run-plan ended with ${done.status}: ${done.stderr}`);
      const each = facts.outputs.reduce((sum, output) => sum + output.bytes, 0);
      return items.map((_, i) => new Uint8Array(done.stdout.subarray(i * each, (i + 1) * each)));
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
