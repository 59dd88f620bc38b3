import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHost } from '../host.js';
import { describeWithCompiler } from '../testing/describe-with-compiler.js';
import { planItems } from '../testing/plan-agreement.js';
import { buildWithCore } from '../testing/plan-host.js';
import { referenceRunner } from '../testing/plan-reference.js';
import { qdqCase } from '../testing/qdq-cases.js';
import { sampleItems, sampleVariant } from '../testing/sample-models.js';
import { type CompiledPlan, compilePlan } from './compile.js';
import { planToC } from './to-c.js';

const host = createHost();
afterAll(() => host.close());

/** A program of a person's own around the file: memory set aside as it says, items in, outputs out. */
const program = `#include <stdio.h>
#include "model.h"
#include "model.c"
static alignas(16) uint8_t arena[FASHION_INT8_STATIC_ARENA_BYTES];
int main(void) {
  ht_model model;
  if (sizeof fashion_int8_static != FASHION_INT8_STATIC_BYTES) return 2;
  if (ht_model_load(&model, fashion_int8_static, sizeof fashion_int8_static, arena, sizeof arena) != HT_OK) return 3;
  const ht_tensor *x = ht_model_input(&model, 0), *y = ht_model_output(&model, 0);
  while (fread(ht_model_at(&model, x), 1, x->bytes, stdin) == x->bytes) {
    ht_model_run(&model, 0, 0);
    fwrite(ht_model_at(&model, y), 1, y->bytes, stdout);
  }
  return 0;
}
`;

describe('a plan as C', () => {
  it('[MCU-25] holds the bytes of the plan under a name that C takes', async () => {
    const { plan } = await compilePlan(qdqCase('Gemm', 1).model, { host });
    const text = planToC(plan, '8-bit model');
    const bytes = [...text.matchAll(/0x([0-9a-f]{2})/g)].map(([, hex]) => Number.parseInt(hex!, 16));
    expect(bytes).toEqual([...plan]);
    expect(text).toContain(`_8_bit_model[${plan.length}]`);
  });
});

describeWithCompiler('a plan as C, compiled here', () => {
  let folder: string;
  let compiled: CompiledPlan;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hilltop-c-'));
    compiled = await compilePlan(await sampleVariant('fashion-resnet-micro', 'int8-static', host), { host });
    writeFileSync(join(folder, 'model.c'), planToC(compiled.plan, 'fashion-int8-static'));
    writeFileSync(join(folder, 'main.c'), program);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('[MCU-25] compiles without a warning, and a program around it gives 100 items the outputs the plan defines', async () => {
    const own = join(folder, 'own');
    buildWithCore(join(folder, 'main.c'), own, ['-Wall', '-Wextra', '-pedantic', '-Werror']);
    const items = planItems(compiled.facts, await sampleItems(100));
    const done = spawnSync(own, [], { input: Buffer.concat(items.flat()) });
    expect(done.status).toBe(0);
    expect(new Uint8Array(done.stdout)).toEqual(
      new Uint8Array(Buffer.concat(referenceRunner.run(compiled.plan, items))),
    );
  }, 60_000);
});
