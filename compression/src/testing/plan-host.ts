import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PlanFacts, readPlan } from '@hilltop/contracts';

const firmware = fileURLToPath(new URL('../../../firmware-bridge/firmware/', import.meta.url));

/** Bytes of a plan's inputs, item by item. */
export type PlanItems = readonly (readonly Uint8Array[])[];

/** The firmware's interpreter and kernels as a program of this machine: the reference of all boards. */
export interface PlanHost {
  /** Outputs of a plan for each item, one behind the other. */
  run(plan: Uint8Array, items: PlanItems): Uint8Array[];
  /** What every operator writes, for each item in the order of the operators. */
  layers(plan: Uint8Array, items: PlanItems): Uint8Array[][];
  close(): void;
}

/** Builds a program of the firmware's core and the C file given. Throws Error with what the compiler says. */
export function buildWithCore(main: string, program: string, flags: readonly string[] = []): void {
  const sources = ['core', 'core/kernels'].flatMap((at) =>
    readdirSync(join(firmware, at))
      .filter((name) => name.endsWith('.c'))
      .map((name) => join(firmware, at, name)),
  );
  const include = ['-I', join(firmware, 'core')];
  const built = spawnSync('cc', ['-std=c11', '-O2', ...flags, ...include, '-o', program, main, ...sources], {
    encoding: 'utf8',
  });
  if (built.status !== 0)
    throw new Error(`${main} and the firmware's core do not compile here: ${built.error ?? built.stderr}`);
}

/** Compiles the program from the sources of the firmware. */
export function buildPlanHost(): PlanHost {
  const folder = mkdtempSync(join(tmpdir(), 'hilltop-plan-'));
  const program = join(folder, 'run-plan');
  buildWithCore(join(firmware, 'host/run-plan.c'), program);
  const run = (plan: Uint8Array, items: PlanItems, more: readonly string[] = []): Uint8Array => {
    const file = join(folder, 'model.plan');
    writeFileSync(file, plan);
    const done = spawnSync(program, [file, ...more], { input: Buffer.concat(items.flat()), maxBuffer: 1 << 30 });
    if (done.status !== 0) throw new Error(`run-plan ended with ${done.status}: ${done.stderr}`);
    return done.stdout;
  };
  return {
    run(plan, items) {
      const { outputs }: PlanFacts = readPlan(plan);
      const each = outputs.reduce((sum, output) => sum + output.bytes, 0);
      const all = run(plan, items);
      return items.map((_, i) => all.subarray(i * each, (i + 1) * each).slice());
    },
    layers(plan, items) {
      const { ops, tensors } = readPlan(plan);
      const file = join(folder, 'layers');
      run(plan, items, ['--layers', file]);
      const all = readFileSync(file);
      let at = 0;
      return items.map(() =>
        ops.map(({ output }) => {
          const { bytes } = tensors[output]!;
          at += bytes;
          return all.subarray(at - bytes, at);
        }),
      );
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
