import { createHash, randomBytes } from 'node:crypto';
import { chunkBytes, patchSegmentBytes, patchSegments } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import zstd from '@toondepauw/node-zstd';
import { DeviceEntity } from '../devices/device.entity.js';
import { Signal } from '../links/signal.js';
import { InlinePool } from '../links/testing/inline-pool.js';
import { createLog } from '../log.js';
import { VariantEntity } from '../variants/variant.entity.js';
import type { LedgerNews } from './ledger-entry.js';
import { PatchMaker } from './patch-maker.js';
import { patchWork } from './patch-task.js';
import { RunEntity } from './run.entity.js';
import type { RunLedger } from './run-ledger.js';
import type { RunProgress } from './run-progress.js';
import { RunBench } from './testing/run-bench.js';

const base = randomBytes(patchSegmentBytes + 70_000);
const sibling = Buffer.concat([base.subarray(0, 5000), Buffer.from('inserted'), base.subarray(5000)]);
/** Half of the words are gone, here and there: the quick way finds less of the rest than the thorough one. */
const noisy = Buffer.from(base);
for (const [i, bit] of randomBytes(base.length / 4).entries()) if (bit & 1) noisy.writeUInt32LE(0, i * 4);
/** Nothing in common. */
const stranger = randomBytes(base.length);

let bench: RunBench;
const names: Record<string, string> = {};
beforeEach(async () => {
  bench = await RunBench.start();
  await bench.model(['fp32', 'sibling', 'stranger']);
  await bench.agents('pi-a', 'pi-b');
  await bench.job('job_00000001', { devices: ['pi-a', 'pi-b'] });
  for (const [recipe, bytes] of Object.entries({ fp32: base, sibling, stranger })) await becomes(recipe, bytes);
});
afterEach(() => bench.close());

/** From now on these bytes are the recipe's artifact. */
async function becomes(recipe: string, bytes: Buffer): Promise<void> {
  const { sha256 } = await bench.blobs.put(bytes, { maxBytes: bytes.length });
  names[recipe] = sha256;
  await bench.database.write(async (manager) => {
    await manager.update(RunEntity, { recipe }, { artifactSha256: sha256 });
    await manager.update(VariantEntity, { recipeName: recipe }, { artifactSha256: sha256 });
  });
}

/** What the agent is told when it asks for a recipe's artifact and says it has these. */
async function ask(agentId: string, recipe: string, bases?: readonly string[]) {
  await bench.say(agentId, 'up/blob.request', {
    requestId: 'r',
    sha256: names[recipe]!,
    ...(bases && { bases: bases.map((base) => names[base] ?? base) }),
  });
  return bench.told(agentId, 'down/blob.manifest').at(-1)!;
}

/** The patch's bytes, as the agent would get them. */
async function fetchPatch(agentId: string, sha256: string): Promise<Buffer> {
  await bench.say(agentId, 'up/blob.request', { requestId: 'p', sha256 });
  const manifest = bench.told(agentId, 'down/blob.manifest').at(-1)!;
  const count = manifest.chunks.length / 32;
  for (let index = 0; index < count; index++)
    await bench.say(agentId, 'up/chunk.request', { requestId: 'p', sha256, indices: [index], accept: ['raw'] });
  return Buffer.concat(
    bench
      .told(agentId, 'down/chunk')
      .slice(-count)
      .map(({ data }) => data),
  );
}

/** The artifact that a patch stands for. */
function undone(patch: Buffer, bytes: number, from?: Buffer): Buffer {
  let at = 0;
  return Buffer.concat(
    patchSegments(bytes, from?.length).map(({ dictionary }) => {
      const length = patch.readUInt32LE(at);
      const frame = patch.subarray(at + 4, at + 4 + length);
      at += 4 + length;
      return new zstd.Decoder(from && dictionary && from.subarray(dictionary.start, dictionary.end)).decodeSync(frame);
    }),
  );
}

describe('patches', () => {
  it('[BLOB-4] an agent that has a sibling is offered the difference, fetched as any blob is', async () => {
    const { patch, chunks } = await ask('pi-a', 'sibling', ['stranger', 'fp32']);
    expect(patch!.base).toBe(names['fp32']);
    expect(patch!.bytes).toBeLessThan(2000);
    expect(chunks.length).toBe(Math.ceil(sibling.length / chunkBytes) * 32);
    const content = await fetchPatch('pi-a', patch!.sha256);
    expect(createHash('sha256').update(content).digest('hex')).toBe(patch!.sha256);
    expect(undone(content, sibling.length, base).equals(sibling)).toBe(true);
  });

  it('[BLOB-4] later ones are offered what was made with more thought, and what was offered before still counts', async () => {
    await becomes('sibling', noisy);
    const quick = (await ask('pi-a', 'sibling', ['fp32'])).patch!;
    await bench.patches.settled();
    const thorough = (await ask('pi-b', 'sibling', ['fp32'])).patch!;
    expect(thorough.bytes).toBeLessThan(quick.bytes);
    for (const { sha256 } of [quick, thorough])
      expect(undone(await fetchPatch('pi-a', sha256), noisy.length, base).equals(noisy)).toBe(true);
  });

  it('[BLOB-4] one that has none is offered what packs well all by itself', async () => {
    const few = Buffer.from(randomBytes(300_000).map((x) => x & 3));
    const words = Buffer.concat(Array.from(few, (x) => Buffer.from([x, 7, 99, 200])));
    await becomes('sibling', words);
    await ask('pi-a', 'sibling', []);
    await bench.patches.settled();
    const { patch } = await ask('pi-a', 'sibling', []);
    expect(patch).toEqual({ sha256: expect.any(String), bytes: expect.any(Number) });
    expect(undone(await fetchPatch('pi-a', patch!.sha256), words.length).equals(words)).toBe(true);
  });

  it('[BLOB-4] nothing is offered to who does not ask for it, nor what saves less than a fifth', async () => {
    expect(await ask('pi-a', 'sibling')).not.toHaveProperty('patch');
    expect(await ask('pi-a', 'stranger', ['fp32', 'sibling'])).not.toHaveProperty('patch');
    expect(await ask('pi-a', 'sibling', [])).not.toHaveProperty('patch');
  });

  it('[BLOB-5] a base counts only where a run of the agent had it, and it is of the same model', async () => {
    await bench.database.write(async (manager) => {
      const { id } = await manager.findOneByOrFail(DeviceEntity, { name: 'pi-b' });
      await manager.delete(RunEntity, { deviceId: id, recipe: 'fp32' });
    });
    expect(await ask('pi-b', 'sibling', ['fp32'])).not.toHaveProperty('patch');
    const unknown = (await bench.blobs.put(sibling.subarray(1), { maxBytes: sibling.length })).sha256;
    expect(await ask('pi-b', 'sibling', [unknown, 'f'.repeat(64)])).not.toHaveProperty('patch');
    // Data of the model is nobody's sibling.
    await bench.database.write((manager) =>
      manager.update(RunEntity, { modelId: 'mod_00000001' }, { evaluationSha256: unknown }),
    );
    expect(await ask('pi-b', 'sibling', [unknown])).not.toHaveProperty('patch');

    const { patch } = await ask('pi-a', 'sibling', ['fp32']);
    await bench.say('pi-b', 'up/blob.request', { requestId: 'r', sha256: patch!.sha256 });
    expect(bench.told('pi-b', 'down/blob.manifest').at(-1)!.error).toEqual({
      code: 'blob.missing',
      message: 'no run of this agent needs such a blob',
    });
    const before = bench.told('pi-b', 'down/chunk').length;
    await bench.say('pi-b', 'up/chunk.request', {
      requestId: 'r',
      sha256: patch!.sha256,
      indices: [0],
      accept: ['raw'],
    });
    expect(bench.told('pi-b', 'down/chunk')).toHaveLength(before);
  });

  it('[BLOB-4] a base that the lab itself has no more does not stop the transfer', async () => {
    await bench.blobs.remove(names['fp32']!);
    const manifest = await ask('pi-a', 'sibling', ['fp32']);
    expect([manifest.error, manifest.patch, manifest.bytes]).toEqual([undefined, undefined, sibling.length]);
  });

  it('[BLOB-4] an agent that fetches again after a restart of the lab is told what is there now', async () => {
    const { patch } = await ask('pi-a', 'sibling', ['fp32']);
    const folder = await bench.stop();
    bench = await RunBench.start(folder);
    await bench.hello('pi-a');
    await bench.say('pi-a', 'up/blob.request', { requestId: 'p', sha256: patch!.sha256 });
    expect(bench.told('pi-a', 'down/blob.manifest').at(-1)!.error?.code).toBe('blob.missing');
    expect((await ask('pi-a', 'sibling', ['fp32'])).patch).toEqual(patch);
  });
});

describe('PatchMaker', () => {
  it('[BLOB-6] makes nothing while somebody measures on this machine, and what is due when that is over', async () => {
    await becomes('sibling', noisy);
    const measuring = { measuring: true, here: true };
    const committed = new Signal<Pick<LedgerNews, 'released'>>();
    const work = new InlinePool({ patch: patchWork, 'deep-patch': patchWork });
    const maker = new PatchMaker(
      bench.blobs,
      work,
      measuring as RunProgress,
      { committed } as unknown as RunLedger,
      createLog('silent'),
    );
    expect(await maker.offer(names['sibling']!, [names['fp32']!])).toBeUndefined();
    expect(work.ran).toEqual([]);

    maker.patienceMs = 120_000;
    // The run that was measured is over; one that only fetches does not keep what is quick.
    measuring.measuring = false;
    committed.emit({ released: new Set(['run_00000001']) });
    const patch = await maker.offer(names['sibling']!, [names['fp32']!]);
    expect(patch!.base).toBe(names['fp32']);
    expect(work.ran).not.toContain('deep-patch');

    measuring.here = false;
    committed.emit({ released: new Set(['run_00000002']) });
    await maker.settled();
    expect(work.ran).toContain('deep-patch');
    // What is ready is handed out also while somebody measures.
    measuring.measuring = true;
    expect((await maker.offer(names['sibling']!, [names['fp32']!]))!.base).toBe(names['fp32']);
  });

  it('[BLOB-6] what waits when the lab stops is given up', async () => {
    const maker = new PatchMaker(
      bench.blobs,
      new InlinePool({}),
      { measuring: true, here: true } as RunProgress,
      { committed: new Signal() } as unknown as RunLedger,
      createLog('silent'),
    );
    expect(await maker.offer(names['sibling']!, [names['fp32']!])).toBeUndefined();
    maker.onApplicationShutdown();
    await maker.settled();
  });
});
