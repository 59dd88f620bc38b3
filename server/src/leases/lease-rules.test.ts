import { beforeEach, describe, expect, it } from '@jest/globals';
import { placeOf } from './lease-state.js';
import { LeaseGame, labelled, named, person, pipeline } from './testing/lease-game.js';

const [ana, mira, jo, root] = [person('Ana'), person('Mira'), person('Jo'), person('Root', true)];
const minutes = 60;

describe('the rules of leases', () => {
  let game: LeaseGame;
  beforeEach(() => {
    game = new LeaseGame(['a1', 'a2', 'b1']);
  });
  const state = (id: string) => game.last(id).state;
  const end = (id: string) => game.last(id).ended?.reason;
  const place = (id: string) => placeOf(game.last(id), game.state, game.world);

  it('[LEASE-1] a free device is held at once, one that is held is queued for', () => {
    const first = game.reserve(ana, named('a1'), { forSeconds: 600, note: 'probe' });
    expect(game.last(first)).toMatchObject({
      state: 'held',
      deviceId: 'a1',
      until: 600_000,
      takenAt: 0,
      note: 'probe',
      holder: { owner: 'usr_Ana', name: 'Ana', person: true },
    });
    const [second, third] = [game.reserve(mira, named('a1')), game.reserve(jo, named('a1'))];
    expect([place(second), place(third), game.holders()]).toEqual([1, 2, { a1: 'Ana' }]);
    // Who waits for another device is not in the way.
    expect(game.reserve(mira, named('b1'))).toMatch(/^rsv_/);
    expect(game.holders()).toEqual({ a1: 'Ana', b1: 'Mira' });
  });

  it('[LEASE-4] a person has two minutes to take what is granted, then the next one gets it', () => {
    const first = game.reserve(ana, named('a1'));
    const [second, third] = [game.reserve(mira, named('a1')), game.reserve(jo, named('a1'))];
    game.act('release', ana, first);
    expect(game.last(second)).toMatchObject({ state: 'granted', until: 120_000 });
    game.pass(119);
    expect(game.holders()).toEqual({ a1: 'Mira?' });
    game.pass(1);
    expect([end(second), game.holders()]).toEqual(['not-taken', { a1: 'Jo?' }]);
    expect(game.act('take', jo, third)).toBeUndefined();
    expect(game.last(third)).toMatchObject({ state: 'held', until: 120_000 + 1_800_000 });
  });

  it('[LEASE-4] a pipeline takes at once, and so does a job that waits for the device', () => {
    const first = game.reserve(ana, named('a1'));
    const nightly = game.reserve(pipeline('nightly'), named('a1'));
    const last = game.reserve(mira, named('a1'));
    game.act('release', ana, first);
    expect(state(nightly)).toBe('held');
    game.act('release', pipeline('nightly'), nightly);
    expect(state(last)).toBe('granted');
    game.work.set('usr_Mira a1', 'waiting');
    game.pass(1);
    expect(game.last(last)).toMatchObject({ state: 'held', takenAt: 1000 });
  });

  it('[LEASE-5] a lease ends at its time, and the queue goes on', () => {
    const first = game.reserve(ana, named('a1'), { forSeconds: 600 });
    const second = game.reserve(mira, named('a1'));
    game.pass(599);
    expect(game.holders()).toEqual({ a1: 'Ana' });
    game.pass(1);
    expect([end(first), state(second)]).toEqual(['expired', 'granted']);
  });

  it('[LEASE-6] the holder extends, up to the longest a lease may be', () => {
    const id = game.reserve(ana, named('a1'), { forSeconds: 23 * 3600 });
    expect(game.act('extend', ana, id, { forSeconds: 30 * minutes })).toBeUndefined();
    expect(game.last(id).until).toBe((23 * 3600 + 1800) * 1000);
    expect(game.act('extend', ana, id, { forSeconds: 1801 })).toBe('lease.too-long');
    expect(game.act('extend', mira, id)).toBe('lease.not-yours');
    expect(game.act('extend', mira, game.reserve(mira, named('a1')))).toBe('lease.not-held');
  });

  it('[LEASE-7] a run that measures keeps the lease of its owner, up to the longest it may be', () => {
    game = new LeaseGame(['a1'], 20 * minutes);
    const id = game.reserve(ana, named('a1'), { forSeconds: 6 * minutes });
    game.work.set('usr_Ana a1', 'running');
    game.pass(30);
    expect(game.last(id).until).toBe(6 * 60_000);
    game.pass(30);
    expect(game.last(id).until).toBe(11 * 60_000);
    game.pass(10 * minutes);
    expect(game.last(id).until).toBe(20 * 60_000);
    game.pass(9 * minutes);
    expect(end(id)).toBe('expired');
  });

  it('[LEASE-7] a run of somebody else keeps nothing', () => {
    const id = game.reserve(ana, named('a1'), { forSeconds: 60 });
    game.work.set('usr_Mira a1', 'running');
    game.pass(60);
    expect(end(id)).toBe('expired');
  });

  it('[LEASE-8] only the holder gives back; who waits leaves the queue', () => {
    const first = game.reserve(ana, named('a1'));
    const [second, third] = [game.reserve(mira, named('a1')), game.reserve(jo, named('a1'))];
    expect(game.act('release', mira, first)).toBe('lease.not-yours');
    expect(game.act('release', mira, second)).toBeUndefined();
    expect([end(second), place(third)]).toEqual(['withdrawn', 1]);
    expect(game.act('release', ana, first)).toBeUndefined();
    expect([end(first), state(third)]).toEqual(['released', 'granted']);
    expect(game.act('release', ana, first)).toBe('lease.unknown');
  });

  it('[LEASE-9] handing over keeps the end, raises the fence, and meets the wish of who gets it', () => {
    const first = game.reserve(ana, named('a1'), { forSeconds: 2 * 3600 });
    const [second, third] = [game.reserve(jo, named('a1')), game.reserve(mira, labelled('a'))];
    // Mira's wish by label found another device; she waits for this one too.
    expect(game.holders()).toEqual({ a1: 'Ana', a2: 'Mira' });
    const fourth = game.reserve(mira, named('a1'));
    const { fence } = game.last(first);
    expect(game.act('handover', ana, first, { to: mira })).toBeUndefined();
    expect(game.last(first)).toMatchObject({ state: 'held', holder: { name: 'Mira' }, until: 7_200_000 });
    expect(game.last(first).fence).toBeGreaterThan(fence!);
    expect([end(fourth), state(second), place(second), state(third)]).toEqual(['fulfilled', 'queued', 1, 'held']);
    expect(game.act('extend', ana, first)).toBe('lease.not-yours');
    expect(game.act('handover', mira, first, { to: mira })).toBe('lease.held');
  });

  it('[LEASE-10] a question stands for two minutes; the holder gives, or not', () => {
    const id = game.reserve(ana, named('a1'));
    expect(game.act('answer', ana, id, { answer: 'give' })).toBe('lease.not-asked');
    expect(game.act('ask', mira, id)).toBeUndefined();
    expect(game.act('ask', jo, id)).toBe('lease.asked');
    expect(game.act('ask', ana, id)).toBe('lease.held');
    expect(game.act('answer', jo, id, { answer: 'give' })).toBe('lease.not-yours');
    game.pass(120);
    expect(game.act('answer', ana, id, { answer: 'give' })).toBe('lease.not-asked');
    expect(game.act('ask', jo, id)).toBeUndefined();
    expect(game.act('answer', ana, id, { answer: 'no' })).toBeUndefined();
    expect(game.last(id)).toMatchObject({ holder: { name: 'Ana' }, ask: { answer: 'no', by: { name: 'Jo' } } });
    expect(game.act('ask', mira, id)).toBeUndefined();
    expect(game.act('answer', ana, id, { answer: 'give' })).toBeUndefined();
    expect(game.last(id)).toMatchObject({ holder: { name: 'Mira' }, ask: undefined });
  });

  it('[LEASE-10] `later` gives in ten minutes, and is kept before anything else is', () => {
    const id = game.reserve(ana, named('a1'), { forSeconds: 3600 });
    game.act('ask', mira, id);
    game.act('answer', ana, id, { answer: 'later' });
    expect(game.act('ask', jo, id)).toBe('lease.asked');
    game.pass(599);
    expect(game.holders()).toEqual({ a1: 'Ana' });
    game.pass(1);
    expect(game.holders()).toEqual({ a1: 'Mira' });
    expect(game.last(id).until).toBe(3_600_000);
  });

  it('[LEASE-11] an admin takes it after a warning, with the reason; the queue goes on', () => {
    const first = game.reserve(ana, named('a1'));
    const second = game.reserve(mira, named('a1'));
    expect(game.act('force', jo, first)).toBe('auth.forbidden');
    expect(game.act('force', root, first, { reason: 'fire drill' })).toBeUndefined();
    expect(game.last(first)).toMatchObject({
      state: 'held',
      forced: { by: 'Root', reason: 'fire drill', at: 30_000 },
    });
    expect([game.act('extend', ana, first), game.act('force', root, first)]).toEqual(['lease.forced', 'lease.forced']);
    game.pass(29);
    expect(game.holders()).toEqual({ a1: 'Ana' });
    game.pass(1);
    expect([end(first), state(second)]).toEqual(['forced', 'granted']);
  });

  it('[LEASE-11] a forced wish goes ahead of the queue, which stays as it was', () => {
    const first = game.reserve(ana, named('a1'));
    const second = game.reserve(mira, named('a1'));
    expect(game.reserve(jo, named('a1'), { force: { reason: 'mine' } })).toBe('auth.forbidden');
    const forced = game.reserve(root, named('a1'), { force: { reason: 'release day' } });
    expect([place(forced), place(second)]).toEqual([1, 2]);
    expect(game.last(first).forced).toMatchObject({ by: 'Root', reason: 'release day' });
    // It is the lease that is taken, whoever has it by then.
    game.act('handover', ana, first, { to: jo });
    game.pass(30);
    expect([end(first), game.holders(), place(second)]).toEqual(['forced', { a1: 'Root?' }, 1]);
  });

  it('[LEASE-12] a command to what has changed since is refused and changes nothing', () => {
    const id = game.reserve(ana, named('a1'));
    const { revision } = game.last(id);
    game.act('ask', mira, id);
    const before = game.state;
    for (const type of ['take', 'release', 'ask', 'extend', 'handover', 'answer', 'force'] as const)
      expect(game.act(type, ana, id, { revision })).toBe('lease.changed');
    expect(game.state).toBe(before);
  });

  it('[LEASE-14] who goes away loses nothing', () => {
    game.reserve(ana, named('a1'));
    const before = game.state;
    expect(game.apply({ type: 'disconnect', owner: 'usr_Ana' })).toBeUndefined();
    expect(game.state).toBe(before);
  });

  it('[LEASE-15] after an absence of the coordinator what was granted may still be taken', () => {
    const first = game.reserve(ana, named('a1'), { forSeconds: 60 });
    const second = game.reserve(mira, named('a1'));
    const other = game.reserve(jo, named('a2'), { forSeconds: 3600 });
    game.pass(60);
    game.now += 1_000_000;
    game.apply({ type: 'restart' });
    expect([end(first), state(second), state(other)]).toEqual(['expired', 'granted', 'held']);
    expect(game.last(second).until).toBe(game.now + 120_000);
  });

  it('[LEASE-16] a wish by label is granted on whichever device frees first', () => {
    const [one, two] = [game.reserve(ana, named('a1')), game.reserve(mira, named('a2'))];
    const any = game.reserve(jo, labelled('a'));
    expect(state(any)).toBe('queued');
    game.act('release', mira, two);
    expect(game.last(any)).toMatchObject({ state: 'granted', deviceId: 'a2' });
    expect(state(one)).toBe('held');
  });

  it('[LEASE-16] by label only what is in rotation; a named device whatever its state', () => {
    for (const device of game.devices) device.ready = false;
    const any = game.reserve(jo, labelled('a'));
    expect(state(any)).toBe('queued');
    expect(state(game.reserve(ana, named('a1')))).toBe('held');
    game.devices[1]!.ready = true;
    game.pass(1);
    expect(game.last(any)).toMatchObject({ state: 'granted', deviceId: 'a2' });
  });

  it('[LEASE-17] a device that leaves ends its lease, and the wishes that name no other', () => {
    const first = game.reserve(ana, named('a1'));
    const [second, either] = [game.reserve(mira, named('a1')), game.reserve(jo, named('a1', 'b1'))];
    expect(game.holders()).toEqual({ a1: 'Ana', b1: 'Jo' });
    game.devices.splice(0, 1);
    game.apply({ type: 'device-gone', deviceId: 'a1' });
    expect([end(first), end(second), state(either)]).toEqual(['device-gone', 'device-gone', 'held']);
  });

  it('[LEASE-18] too long, too many, twice the same and what fits nothing is refused', () => {
    expect(game.reserve(ana, named('a1'), { forSeconds: 86_401 })).toBe('lease.too-long');
    expect(game.reserve(ana, named('zz'))).toBe('device.none-match');
    game.reserve(ana, named('a1'));
    expect(game.reserve(ana, named('a1'))).toBe('lease.held');
    game.reserve(mira, named('a1'));
    expect(game.reserve(mira, named('a1'))).toBe('lease.held');
    const many = new LeaseGame(Array.from({ length: 21 }, (_, i) => `a${i}`));
    for (let i = 0; i < 20; i++) many.reserve(ana, named(`a${i}`));
    expect(many.reserve(ana, named('a20'))).toBe('lease.too-many');
  });
});
