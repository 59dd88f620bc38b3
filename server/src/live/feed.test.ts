import { applyChanges, type Change, type Changes, noEntities, type Snapshot } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Feed } from './feed.js';
import { Subscriber } from './subscriber.js';

/** A device reduced to what tells one value from another. */
const change = (id: string, value: number | undefined): Change =>
  ({ kind: 'device', id, ...(value !== undefined && { value: { name: String(value) } }) }) as unknown as Change;

class TestScreen {
  busy = false;
  readonly seen: Changes[] = [];
  writable(): boolean {
    return !this.busy;
  }
  changes(changes: Changes): void {
    this.seen.push(changes);
  }
}

const snapshotOf = (feed: Feed, entities: readonly Change[]) => async (): Promise<Snapshot> => ({
  topic: 'lab',
  epoch: 'e',
  revision: feed.revision,
  entities: [...entities],
});

describe('live feed', () => {
  it('[LIVE-2] tells the last value per entity of a topic since a revision', () => {
    const feed = new Feed();
    feed.append(change('a', 1), ['lab']);
    feed.append(change('b', 1), ['device/b']);
    feed.append(change('a', 2), ['lab']);
    expect(feed.since('lab', 0)).toEqual([change('a', 2)]);
    expect(feed.since('lab', 3)).toEqual([]);
  });

  it('[LIVE-3] a revision that is forgotten, or of the future, needs a snapshot', () => {
    const feed = new Feed(10);
    for (let i = 0; i < 25; i++) feed.append(change('a', i), ['lab']);
    expect(feed.since('lab', 1)).toBeUndefined();
    expect(feed.since('lab', 26)).toBeUndefined();
    expect(feed.since('lab', 24)).toEqual([change('a', 24)]);
  });

  it('[LIVE-4] a screen with a revision of this epoch gets changes, any other a snapshot', async () => {
    const feed = new Feed();
    feed.append(change('a', 1), ['lab']);
    const subscriber = new Subscriber(new TestScreen(), 'e', feed);
    const whole = snapshotOf(feed, [change('a', 1)]);
    expect(await subscriber.subscribe({ topic: 'lab', have: { epoch: 'e', revision: 0 } }, whole)).toEqual({
      ok: true,
      changes: { topic: 'lab', epoch: 'e', from: 0, to: 1, changes: [change('a', 1)] },
    });
    expect(await subscriber.subscribe({ topic: 'lab', have: { epoch: 'old', revision: 0 } }, whole)).toMatchObject({
      ok: true,
      snapshot: { revision: 1 },
    });
  });

  it('[LIVE-5] a busy screen is told later, with one entry per entity', async () => {
    const feed = new Feed();
    const screen = new TestScreen();
    const subscriber = new Subscriber(screen, 'e', feed);
    await subscriber.subscribe({ topic: 'lab' }, snapshotOf(feed, []));
    screen.busy = true;
    for (let i = 0; i < 5; i++) {
      feed.append(change('a', i), ['lab']);
      expect(subscriber.flush()).toBe(false);
    }
    screen.busy = false;
    expect(subscriber.flush()).toBe(true);
    expect(screen.seen).toEqual([{ topic: 'lab', epoch: 'e', from: 0, to: 5, changes: [change('a', 4)] }]);
  });

  it('[LIVE-6] one that fell too far behind sees a gap, which makes it ask again', async () => {
    const feed = new Feed(10);
    const screen = new TestScreen();
    const subscriber = new Subscriber(screen, 'e', feed);
    await subscriber.subscribe({ topic: 'lab' }, snapshotOf(feed, []));
    for (let i = 0; i < 25; i++) feed.append(change('a', i), ['lab']);
    subscriber.flush();
    expect(screen.seen).toEqual([{ topic: 'lab', epoch: 'e', from: 25, to: 25, changes: [] }]);
    expect(subscriber.follows('lab')).toBe(false);
  });

  it('[LIVE-11] a topic on which nothing happens keeps up while others fill the feed', async () => {
    const feed = new Feed(10);
    const screen = new TestScreen();
    const subscriber = new Subscriber(screen, 'e', feed);
    await subscriber.subscribe({ topic: 'lab' }, snapshotOf(feed, []));
    for (let i = 0; i < 100; i++) {
      feed.append(change('b', i), ['device/b']);
      expect(subscriber.flush()).toBe(true);
    }
    expect(screen.seen).toEqual([]);
    // Asked whether it has everything, by a screen that still has its first revision: no snapshot is read again.
    const whole = async (): Promise<never> => {
      throw new Error('a snapshot was read');
    };
    expect(await subscriber.subscribe({ topic: 'lab', have: { epoch: 'e', revision: 0 } }, whole)).toMatchObject({
      ok: true,
      changes: { from: 0, to: 100, changes: [] },
    });
    for (let i = 0; i < 100; i++) {
      feed.append(change('b', i), ['device/b']);
      subscriber.flush();
    }
    feed.append(change('a', 1), ['lab']);
    subscriber.flush();
    expect(screen.seen).toEqual([{ topic: 'lab', epoch: 'e', from: 100, to: 201, changes: [change('a', 1)] }]);
  });

  it('[LIVE-1] what changes while a snapshot is read is in it', async () => {
    const feed = new Feed();
    const screen = new TestScreen();
    const subscriber = new Subscriber(screen, 'e', feed);
    const answer = await subscriber.subscribe({ topic: 'lab' }, async () => {
      const read = await snapshotOf(feed, [change('a', 1), change('b', 1)])();
      feed.append(change('a', 2), ['lab']);
      feed.append(change('b', undefined), ['lab']);
      subscriber.flush();
      return read;
    });
    expect(answer).toMatchObject({ ok: true, snapshot: { revision: 2, entities: [change('a', 2)] } });
    subscriber.flush();
    expect(screen.seen).toEqual([]);
  });

  it('[LIVE-7] follows so many topics and no more', async () => {
    const feed = new Feed();
    const subscriber = new Subscriber(new TestScreen(), 'e', feed);
    for (let i = 0; i < 50; i++) await subscriber.subscribe({ topic: `job/j${i}` }, snapshotOf(feed, []));
    expect(await subscriber.subscribe({ topic: 'lab' }, snapshotOf(feed, []))).toMatchObject({
      ok: false,
      error: { code: 'request.invalid' },
    });
  });

  it('[LIVE-1] in any history of changes, stalls and reconnects the screen ends with what is there', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('change' as const),
        id: fc.constantFrom('a', 'b', 'c'),
        value: fc.option(fc.nat(9), { nil: undefined }),
      }),
      fc.constantFrom({ kind: 'stall' as const }, { kind: 'flush' as const }, { kind: 'reconnect' as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (history) => {
        const feed = new Feed(4);
        const truth = new Map<string, Change>();
        const screen = new TestScreen();
        let subscriber = new Subscriber(screen, 'e', feed);
        let state = noEntities;
        let told = 0;
        const subscribe = async (): Promise<void> => {
          screen.seen.length = 0;
          const answer = await subscriber.subscribe(
            { topic: 'lab', have: { epoch: 'e', revision: told } },
            snapshotOf(feed, [...truth.values()]),
          );
          if (!answer.ok) throw new Error('refused');
          if ('snapshot' in answer)
            [state, told] = [applyChanges(noEntities, answer.snapshot.entities), answer.snapshot.revision];
          else [state, told] = [applyChanges(state, answer.changes.changes), answer.changes.to];
        };
        const read = async (): Promise<void> => {
          for (const changes of screen.seen.splice(0)) {
            if (changes.from !== told) await subscribe();
            else [state, told] = [applyChanges(state, changes.changes), changes.to];
          }
        };
        await subscribe();
        for (const one of history) {
          if (one.kind === 'change') {
            const next = change(one.id, one.value);
            if (one.value === undefined) truth.delete(one.id);
            else truth.set(one.id, next);
            feed.append(next, ['lab']);
          } else if (one.kind === 'stall') screen.busy = true;
          else if (one.kind === 'flush') {
            screen.busy = false;
            subscriber.flush();
            await read();
          } else {
            subscriber = new Subscriber(screen, 'e', feed);
            await subscribe();
          }
        }
        screen.busy = false;
        subscriber.flush();
        await read();
        expect([...state.device].sort()).toEqual([...applyChanges(noEntities, [...truth.values()]).device].sort());
      }),
    );
  });
});
