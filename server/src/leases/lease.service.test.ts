import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DeviceEntity } from '../devices/device.entity.js';
import { leaseOfRow, rowOfLease } from './lease-rows.js';
import { applyLease, type LeaseOutcome } from './lease-rules.js';
import { ReservationEntity } from './reservation.entity.js';
import { actor, LeaseBench } from './testing/lease-bench.js';
import { refusal } from './testing/lease-game.js';

const [ana, mira, jo, root] = [actor('Ana'), actor('Mira'), actor('Jo'), actor('Root', 'admin')];

describe('leases over a database', () => {
  let bench: LeaseBench;
  beforeEach(async () => {
    bench = await LeaseBench.start();
    for (const name of ['a1', 'a2', 'b1']) await bench.add(name);
  });
  afterEach(() => bench.close());

  it('[LEASE-1] the wish comes back as what it became, place and end with it', async () => {
    const held = await bench.reserve(ana, { devices: ['a1'] }, { note: 'probe' });
    expect(held).toEqual({
      id: expect.stringMatching(/^rsv_/),
      revision: 3,
      state: 'held',
      holder: { owner: ana.userId, name: 'Ana' },
      selector: { devices: ['a1'], labels: {} },
      deviceId: 'dev_000000a1',
      deviceName: 'a1',
      candidates: ['dev_000000a1'],
      forSeconds: 1800,
      until: '2026-03-01T12:30:00.000Z',
      fence: 1,
      note: 'probe',
      createdAt: '2026-03-01T12:00:00.000Z',
      takenAt: '2026-03-01T12:00:00.000Z',
    });
    await bench.reserve(mira, { devices: ['a1'] });
    expect(await bench.reserve(jo, { devices: ['a1'] })).toMatchObject({ state: 'queued', place: 2 });
  });

  it('[LEASE-5] `ending` is what the clock says of the last five minutes; the revision stays', async () => {
    const { id, revision } = await bench.reserve(ana, { devices: ['a1'] });
    await bench.pass(1499);
    expect(await bench.leases.show(id)).toMatchObject({ state: 'held', revision });
    await bench.pass(1);
    expect(await bench.leases.show(id)).toMatchObject({ state: 'ending', revision });
    await bench.pass(300);
    expect(await bench.leases.show(id)).toMatchObject({ state: 'ended', ended: { reason: 'expired' } });
    expect(await refusal(bench.leases.act(ana, id, { type: 'extend', revision, forSeconds: 60 }))).toBe('lease.ended');
  });

  it('[LEASE-12] of two commands to one revision the first wins; the other is told what it is now', async () => {
    const { id, revision } = await bench.reserve(ana, { devices: ['a1'] });
    const answers = await Promise.allSettled([
      bench.leases.act(ana, id, { type: 'extend', revision, forSeconds: 600 }),
      bench.leases.act(ana, id, { type: 'release', revision }),
      bench.leases.act(mira, id, { type: 'ask', revision }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    for (const answer of answers.slice(1))
      expect(answer).toMatchObject({
        reason: { code: 'lease.changed', details: { reservation: { id, revision: revision + 1, state: 'held' } } },
      });
  });

  it('[LEASE-12] a row that somebody else changed since it was read is not written over', async () => {
    const { id, revision } = await bench.reserve(ana, { devices: ['a1'] });
    const write = bench.database.write(async (manager) => {
      const { state, world } = await bench.store.load(manager);
      await manager.update(ReservationEntity, { id }, { revision: revision + 1, forSeconds: 60 });
      const by = { owner: ana.userId!, name: 'Ana', person: true, admin: false };
      const outcome = applyLease(state, { type: 'release', id, revision, by }, bench.now, world);
      await bench.store.save(manager, state, outcome as LeaseOutcome);
    });
    expect(await refusal(write)).toBe('lease.changed');
    expect(await bench.holders()).toEqual({ a1: 'Ana' });
  });

  it('[LEASE-2] two that reserve in the same moment: one holds, the other is first in the queue', async () => {
    const both = await Promise.all([bench.reserve(ana, { devices: ['a1'] }), bench.reserve(mira, { devices: ['a1'] })]);
    expect(both.map(({ state, place }) => [state, place])).toEqual([
      ['held', undefined],
      ['queued', 1],
    ]);
  });

  it('[LEASE-2] the database itself refuses a second holder', async () => {
    await bench.reserve(ana, { devices: ['a1'] });
    const [row] = await bench.rows();
    const second = { ...row!, id: 'rsv_00000000', position: 99 };
    await expect(bench.database.write((manager) => manager.insert(ReservationEntity, second))).rejects.toThrow(
      'reservation.deviceId',
    );
  });

  it('[LEASE-15] a hold survives a restart, and what ended meanwhile has ended', async () => {
    const long = await bench.reserve(ana, { devices: ['a1'] }, { forSeconds: 7200 });
    const short = await bench.reserve(mira, { devices: ['a2'] }, { forSeconds: 60 });
    const next = await bench.reserve(jo, { devices: ['a2'] });
    await bench.stop();
    bench.skip(3600);
    bench = await LeaseBench.start(bench);
    expect(await bench.leases.show(long.id)).toEqual(long);
    expect(await bench.leases.show(short.id)).toMatchObject({ state: 'ended', ended: { reason: 'expired' } });
    expect(await bench.leases.show(next.id)).toMatchObject({ state: 'granted' });
    await bench.pass(120);
    expect(await bench.holders()).toEqual({ a1: 'Ana' });
  });

  it('[LEASE-16] a wish by label gets whichever frees first, or comes back into rotation', async () => {
    const one = await bench.reserve(ana, { devices: ['a1'] });
    await bench.reserve(mira, { devices: ['a2'] });
    const any = await bench.reserve(jo, { labels: { rack: 'a' } });
    expect(any).toMatchObject({ state: 'queued', place: 1, candidates: ['dev_000000a1', 'dev_000000a2'] });
    await bench.leases.act(ana, one.id, { type: 'release', revision: one.revision });
    expect(await bench.leases.show(any.id)).toMatchObject({ state: 'granted', deviceName: 'a1' });
    await bench.setState('b1', 'quarantined');
    const other = await bench.reserve(root, { labels: { rack: 'b' } });
    expect(other.state).toBe('queued');
    await bench.setState('b1', 'available');
    await bench.pass(1);
    expect(await bench.leases.show(other.id)).toMatchObject({ state: 'granted', deviceName: 'b1' });
  });

  it('[LEASE-17] a device that is retired frees who held it and who waited', async () => {
    const held = await bench.reserve(ana, { devices: ['a1'] });
    const waits = await bench.reserve(mira, { devices: ['a1'] });
    await bench.devices.retire('a1');
    await bench.settled();
    for (const { id } of [held, waits])
      expect(await bench.leases.show(id)).toMatchObject({ state: 'ended', ended: { reason: 'device-gone' } });
  });

  it('[LEASE-19] the book says who holds what, and tells of each change of hands after its commit', async () => {
    const { id, revision } = await bench.reserve(ana, { devices: ['a1'] });
    const holds = await bench.book.holds(bench.database.reader.manager, ['dev_000000a1', 'dev_000000a2']);
    expect([...holds]).toEqual([
      ['dev_000000a1', { owner: ana.userId, name: 'Ana', until: '2026-03-01T12:30:00.000Z', leaseId: id }],
    ]);
    await bench.leases.act(ana, id, { type: 'extend', revision, forSeconds: 60 });
    await bench.leases.act(ana, id, {
      type: 'handover',
      revision: revision + 1,
      to: { owner: mira.userId!, name: 'Mira', person: true },
    });
    await bench.settled();
    expect(bench.told).toEqual([['dev_000000a1'], ['dev_000000a1']]);
    expect(await bench.holders()).toEqual({ a1: 'Mira' });
  });

  it('[LEASE-13] the fence is the device’s own: leases and claims share it', async () => {
    await bench.database.write((manager) => manager.update(DeviceEntity, { name: 'a1' }, { fence: 41 }));
    expect(await bench.reserve(ana, { devices: ['a1'] })).toMatchObject({ fence: 42 });
    expect((await bench.devices.find('a1')).fence).toBe(42);
  });

  it('[LEASE-11] a forced wish warns the holder, then has the device', async () => {
    const held = await bench.reserve(ana, { devices: ['a1'] });
    const waits = await bench.reserve(mira, { devices: ['a1'] });
    const forced = await bench.reserve(root, { devices: ['a1'] }, { force: { reason: 'release day' } });
    expect(await bench.leases.show(held.id)).toMatchObject({
      state: 'held',
      forced: { by: 'Root', reason: 'release day', at: '2026-03-01T12:00:30.000Z' },
    });
    await bench.pass(30);
    expect(await bench.leases.show(forced.id)).toMatchObject({ state: 'granted' });
    expect(await bench.leases.show(waits.id)).toMatchObject({ state: 'queued', place: 1 });
  });

  it('[LEASE-7] work of the holder is asked for where the holder has a lease', async () => {
    const asked: unknown[] = [];
    bench.work.register(async (_manager, holds) => {
      asked.push(holds);
      return holds.map((hold) => ({ ...hold, state: 'running' as const }));
    });
    const { id } = await bench.reserve(ana, { devices: ['a1'] }, { forSeconds: 60 });
    await bench.pass(60);
    expect(await bench.leases.show(id)).toMatchObject({ state: 'held', until: '2026-03-01T12:11:00.000Z' });
    expect(asked).toContainEqual([{ owner: ana.userId, deviceId: 'dev_000000a1' }]);
  });

  it('[LEASE-20] lists by device, by holder and by state, page by page', async () => {
    const first = await bench.reserve(ana, { devices: ['a1'] });
    const second = await bench.reserve(mira, { labels: { rack: 'a' } });
    const third = await bench.reserve(jo, { labels: { rack: 'a' } });
    await bench.leases.act(ana, first.id, { type: 'release', revision: first.revision });
    const ids = async (query: object) =>
      (await bench.leases.list({ limit: 50, state: 'open', ...query })).items.map(({ id }) => id);
    expect(await ids({})).toEqual([third.id, second.id]);
    expect(await ids({ state: 'all' })).toEqual([third.id, second.id, first.id]);
    expect(await ids({ state: 'ended', holder: 'Ana' })).toEqual([first.id]);
    expect(await ids({ holder: mira.userId })).toEqual([second.id]);
    expect(await ids({ device: 'a1' })).toEqual([third.id]);
    const page = await bench.leases.list({ limit: 1, state: 'open' });
    expect(page.items.map(({ id }) => id)).toEqual([third.id]);
    expect(await ids({ cursor: page.next })).toEqual([second.id]);
  });

  it('[LEASE-21] who looks at the lab, or at a device, hears of each change', async () => {
    const held = await bench.reserve(ana, { devices: ['a1'] });
    const waits = await bench.reserve(mira, { labels: { rack: 'a' } });
    expect(waits.deviceName).toBe('a2');
    const kinds = async (topic: 'lab' | `device/${string}`) =>
      (await bench.live.snapshot(topic)).entities.filter(({ kind }) => kind === 'reservation').map(({ id }) => id);
    expect(await kinds('lab')).toEqual([waits.id, held.id]);
    expect(await kinds('device/dev_000000a1')).toEqual([waits.id, held.id]);
    expect(await kinds('device/dev_000000b1')).toEqual([]);
    const flushed = new Promise<void>((resolve) => bench.live.flushed.listen(resolve));
    await bench.leases.act(ana, held.id, { type: 'release', revision: held.revision });
    await flushed;
    expect(bench.live.feed.since('device/dev_000000a1', 0)).toContainEqual({
      kind: 'reservation',
      id: held.id,
      value: expect.objectContaining({ state: 'ended', ended: { reason: 'released', at: expect.any(String) } }),
    });
  });

  it('[LEASE-15] a reservation comes out of the database as it went in', async () => {
    const { id, revision } = await bench.reserve(ana, { devices: ['a1'] }, { note: 'n' });
    await bench.leases.act(mira, id, { type: 'ask', revision });
    await bench.leases.act(ana, id, { type: 'answer', revision: revision + 1, answer: 'later' });
    await bench.leases.act(root, id, { type: 'force', revision: revision + 2, reason: 'why' });
    const [row] = await bench.rows();
    expect({ ...rowOfLease(leaseOfRow(row!)) }).toEqual({ ...row });
  });
});
