import { createHash } from 'node:crypto';
import { chunkBytes, decodeColumn } from '@hilltop/contracts';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { inOrder } from './inbox.js';
import { readSegments } from './observation-store.js';
import { RunEntity } from './run.entity.js';
import { ended, observed, preparing, started, wholeRun } from './testing/events.js';
import { RunBench } from './testing/run-bench.js';

describe('inbox', () => {
  let bench: RunBench;
  beforeEach(async () => {
    bench = await RunBench.start();
    await bench.model();
    await bench.agents('pi-a');
    await bench.job('job_00000001', { devices: ['pi-a'] });
  });
  afterEach(() => bench.close());

  const send = (seq: number, ...events: ReturnType<typeof started>[]) =>
    bench.say('pi-a', 'up/journal', { journalId: 'j', records: events.map((event, i) => ({ seq: seq + i, event })) });

  it('[INBOX-1] records are applied in order and acknowledged after the commit', async () => {
    await send(1, ...wholeRun(bench.start('pi-a')));
    expect(bench.told('pi-a', 'down/ack')).toEqual([{ journalId: 'j', nextSeq: 5 }]);
    expect(await bench.states()).toEqual(['reporting']);
  });

  it('[INBOX-2] what was applied before is acknowledged again and changes nothing', async () => {
    const start = bench.start('pi-a');
    await send(1, preparing(start), started(start), observed(start, 0));
    await send(1, preparing(start), started(start), observed(start, 0));
    await send(3, observed(start, 0), ended(start, 1));
    expect(bench.told('pi-a', 'down/ack').map((ack) => ack.nextSeq)).toEqual([4, 4, 5]);
    expect((await bench.attempts())[0]).toMatchObject({ state: 'reporting', batches: 1 });
  });

  it('[INBOX-3] a gap is asked for, nothing after it is applied', async () => {
    const start = bench.start('pi-a');
    await send(1, preparing(start));
    await send(3, ended(start, 0));
    expect(bench.told('pi-a', 'down/nack')).toEqual([{ journalId: 'j', expect: 2, reason: 'records are missing' }]);
    expect(await bench.states()).toEqual(['preparing']);
  });

  it('[INBOX-4] observations lie in blobs as they came, in the order of seq', async () => {
    const start = bench.start('pi-a');
    await send(1, started(start), observed(start, 0, [1, 2]), observed(start, 1, [3]));
    await send(4, observed(start, 2, [4, 5, 6]));
    const { segments, blobs } = await bench.observations.segments(start.runId, 1);
    expect(blobs.size).toBe(2);
    expect(readSegments(segments, blobs).map((batch) => [...decodeColumn(batch, 'latency_ms')])).toEqual([
      [1, 2],
      [3],
      [4, 5, 6],
    ]);
  });

  it('[INBOX-5] a journal that begins later than what is known goes on from there', async () => {
    await bench.hello('pi-a', { journalId: 'j', firstSeq: 7, lastSeq: 6 });
    expect(bench.told('pi-a', 'down/welcome').at(-1)!.nextSeq).toBe(7);
    await send(7, preparing(bench.start('pi-a')));
    expect(bench.told('pi-a', 'down/ack').at(-1)).toEqual({ journalId: 'j', nextSeq: 8 });
  });

  it('[INBOX-6] agents share a commit; a record that cannot be applied holds up only its own agent', async () => {
    await bench.agents('pi-b');
    await bench.job('job_00000002', { devices: ['pi-b'] });
    const [a, b] = [bench.start('pi-a'), bench.start('pi-b')];
    const apply = bench.applier.apply.bind(bench.applier);
    jest.spyOn(bench.applier, 'apply').mockImplementation(async (entry, agentId, event, placed) => {
      if (agentId === 'pi-a') throw new Error('the disk is full');
      await apply(entry, agentId, event, placed);
    });
    bench.inbox.receive('pi-a', { journalId: 'j', records: [{ seq: 1, event: started(a) }] });
    bench.inbox.receive('pi-b', { journalId: 'j', records: [{ seq: 1, event: started(b) }] });
    await bench.settled();
    expect([bench.told('pi-a', 'down/ack'), bench.told('pi-b', 'down/ack')]).toEqual([
      [],
      [{ journalId: 'j', nextSeq: 2 }],
    ]);
    jest.restoreAllMocks();
    await send(1, started(a));
    expect(await bench.states()).toEqual(['running', 'running']);
  });

  it('[INBOX-7] a record that nobody understands is passed over and holds up nothing', async () => {
    const start = bench.start('pi-a');
    await send(1, { ...started(start), environment: { colour: 'red' } } as never, preparing(start));
    expect(bench.told('pi-a', 'down/ack').at(-1)).toEqual({ journalId: 'j', nextSeq: 3 });
    expect(await bench.states()).toEqual(['preparing']);
  });

  it('[INBOX-3] what is sent again and again while the disk is slow does not pile up, and nothing is lost', async () => {
    const start = bench.start('pi-a');
    for (let i = 0; i < 100; i++)
      bench.inbox.receive('pi-a', { journalId: 'j', records: [{ seq: 1, event: preparing(start) }] });
    bench.inbox.receive('pi-a', { journalId: 'j', records: [{ seq: 2, event: started(start) }] });
    await bench.settled();
    expect((await bench.metrics.inboxDuplicates.get()).values[0]?.value).toBe(31);
    await send(3, preparing(start));
    expect(bench.told('pi-a', 'down/nack').at(-1)).toMatchObject({ expect: 2 });
    await send(2, started(start));
    expect(await bench.states()).toEqual(['running']);
  });

  it('[INBOX-8] one that does not read holds up nobody', async () => {
    await bench.agents('pi-b');
    const sendOn = bench.link.send.bind(bench.link);
    jest
      .spyOn(bench.link, 'send')
      .mockImplementation((agentId, channel, payload) =>
        agentId === 'pi-a' ? new Promise(() => undefined) : sendOn(agentId, channel, payload),
      );
    for (const agentId of ['pi-a', 'pi-b'])
      bench.inbox.receive(agentId, {
        journalId: 'j',
        records: [{ seq: 1, event: { type: 'agent.degraded', reason: 'x' } }],
      });
    await bench.inbox.settled();
    expect(bench.told('pi-b', 'down/ack')).toEqual([{ journalId: 'j', nextSeq: 2 }]);
    jest.restoreAllMocks();
  });

  it('[INBOX-2] in any chopped, repeated and reordered delivery each record is taken once, in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 8 })), { maxLength: 40 }),
        (deliveries) => {
          let next = 1;
          const taken: number[] = [];
          for (const [from, length] of deliveries) {
            const { fresh } = inOrder(
              Array.from({ length }, (_, i) => ({ seq: from + i })),
              next,
            );
            taken.push(...fresh.map((record) => record.seq));
            next += fresh.length;
          }
          expect(taken).toEqual(Array.from({ length: next - 1 }, (_, i) => i + 1));
        },
      ),
    );
  });

  it('[BLOB-1] an agent gets the blobs of its own runs, chunk by chunk, each with its hash', async () => {
    const bytes = Buffer.alloc(chunkBytes + 10, 'abc');
    const { sha256 } = await bench.blobs.put(bytes, { maxBytes: bytes.length });
    await bench.database.write((manager) =>
      manager.update(RunEntity, { jobId: 'job_00000001' }, { artifactSha256: sha256 }),
    );
    await bench.say('pi-a', 'up/blob.request', { requestId: 'r', sha256 });
    const manifest = bench.told('pi-a', 'down/blob.manifest')[0]!;
    expect(manifest).toMatchObject({ requestId: 'r', sha256, bytes: bytes.length, chunkBytes });
    expect(Buffer.from(manifest.chunks.subarray(32)).toString('hex')).toBe(
      createHash('sha256').update(bytes.subarray(chunkBytes)).digest('hex'),
    );
    await bench.say('pi-a', 'up/chunk.request', { requestId: 'r', sha256, indices: [0, 1, 2], accept: ['raw'] });
    const chunks = bench.told('pi-a', 'down/chunk').sort((a, b) => a.index - b.index);
    expect(chunks.map((chunk) => [chunk.index, chunk.encoding])).toEqual([
      [0, 'raw'],
      [1, 'raw'],
    ]);
    expect(Buffer.concat(chunks.map((chunk) => chunk.data)).equals(bytes)).toBe(true);
  });

  it('[BLOB-2] a chunk is compressed when that makes it smaller and the agent can undo it', async () => {
    const bytes = Buffer.alloc(1000, 'abc');
    const { sha256 } = await bench.blobs.put(bytes, { maxBytes: bytes.length });
    await bench.database.write((manager) =>
      manager.update(RunEntity, { jobId: 'job_00000001' }, { artifactSha256: sha256 }),
    );
    await bench.say('pi-a', 'up/chunk.request', { requestId: 'r', sha256, indices: [0], accept: ['zstd', 'raw'] });
    const [chunk] = bench.told('pi-a', 'down/chunk');
    expect(chunk!.encoding).toBe('zstd');
    expect(chunk!.data.length).toBeLessThan(100);
  });

  it('[BLOB-3] nobody gets a blob that no run of theirs needs, not even the news that it exists', async () => {
    const { sha256 } = await bench.blobs.put(Buffer.from('secret'), { maxBytes: 10 });
    for (const wanted of [sha256, 'f'.repeat(64)])
      await bench.say('pi-a', 'up/blob.request', { requestId: 'r', sha256: wanted });
    expect(bench.told('pi-a', 'down/blob.manifest').map((manifest) => manifest.error)).toEqual([
      { code: 'blob.missing', message: 'no run of this agent needs such a blob' },
      { code: 'blob.missing', message: 'no run of this agent needs such a blob' },
    ]);
    await bench.say('pi-a', 'up/chunk.request', { requestId: 'r', sha256, indices: [0], accept: ['raw'] });
    expect(bench.told('pi-a', 'down/chunk')).toEqual([]);
  });
});
