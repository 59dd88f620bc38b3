import { applyChanges, type Change, type Changes, noEntities, type Snapshot } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emptyTopic, reduceTopic, type TopicInput, type TopicState } from './topic-state.js';

const model = (id: string, n: number): Change => ({ kind: 'model', id, value: { id, bytes: n } as never });
const changes = (epoch: string, from: number, to: number, ...list: Change[]): Changes => ({
  topic: 'lab',
  epoch,
  from,
  to,
  changes: list,
});
const snapshot = (epoch: string, revision: number, ...entities: Change[]): Snapshot => ({
  topic: 'lab',
  epoch,
  revision,
  entities,
});
const push = (c: Changes): TopicInput => ({ type: 'changes', changes: c, answer: false });

function run(...inputs: TopicInput[]): { state: TopicState; asks: number } {
  let state = emptyTopic;
  let asks = 0;
  for (const input of inputs) {
    const step = reduceTopic(state, input);
    state = step.state;
    if (step.ask) asks++;
  }
  return { state, asks };
}

describe('topic state', () => {
  it('[DASH-2] a gap asks again and changes nothing', () => {
    const before = run({ type: 'asked' }, { type: 'snapshot', snapshot: snapshot('e', 5, model('a', 1)) }).state;
    expect(reduceTopic(before, push(changes('e', 6, 7, model('a', 2))))).toEqual({ state: before, ask: true });
  });

  it('[DASH-2] changes of another epoch ask again', () => {
    const before = run({ type: 'asked' }, { type: 'snapshot', snapshot: snapshot('e', 5) }).state;
    expect(reduceTopic(before, push(changes('f', 5, 6))).ask).toBe(true);
  });

  it('[DASH-1] what is pushed while the answer is awaited is applied after it, and only what is newer', () => {
    const { state, asks } = run(
      { type: 'asked' },
      push(changes('e', 3, 4, model('a', 1))),
      push(changes('e', 5, 6, model('a', 3))),
      { type: 'snapshot', snapshot: snapshot('e', 5, model('a', 2)) },
    );
    expect({ asks, have: state.have, a: state.entities.model.get('a') }).toEqual({
      asks: 0,
      have: { epoch: 'e', revision: 6 },
      a: { id: 'a', bytes: 3 },
    });
  });

  it('[DASH-3] a lost connection keeps the data and marks it stale; an answer without news makes it current', () => {
    const lost = run(
      { type: 'asked' },
      { type: 'snapshot', snapshot: snapshot('e', 5, model('a', 1)) },
      { type: 'disconnected' },
    ).state;
    expect([lost.phase, lost.entities.model.size]).toEqual(['stale', 1]);
    const asked = reduceTopic(lost, { type: 'asked' }).state;
    expect(reduceTopic(asked, { type: 'changes', changes: changes('e', 5, 5), answer: true }).state.phase).toBe(
      'current',
    );
  });

  it('a removal removes', () => {
    const { state } = run(
      { type: 'asked' },
      { type: 'snapshot', snapshot: snapshot('e', 1, model('a', 1)) },
      push(changes('e', 1, 2, { kind: 'model', id: 'a' })),
    );
    expect(state.entities.model.size).toBe(0);
  });

  it('a refusal is kept with its code', () => {
    const { state } = run({ type: 'asked' }, { type: 'refused', error: { code: 'auth.forbidden', message: 'no' } });
    expect([state.phase, state.error?.code]).toEqual(['refused', 'auth.forbidden']);
  });

  it('[DASH-1] snapshot + changes = later snapshot, over repeats, losses and restarts', () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      value: fc.option(fc.nat(9), { nil: undefined }),
      fate: fc.constantFrom('sent', 'sent', 'sent', 'lost', 'twice', 'restart'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        // The lab: a log of changes by revision; a restart keeps the state and begins a new epoch.
        let epoch = 0;
        let revision = 0;
        let lab = noEntities;
        let state = emptyTopic;
        const answer = (): void => {
          state = reduceTopic(state, { type: 'asked' }).state;
          const entities = [...lab.model].map(([id, value]): Change => ({ kind: 'model', id, value }));
          state = reduceTopic(state, {
            type: 'snapshot',
            snapshot: snapshot(`e${epoch}`, revision, ...entities),
          }).state;
        };
        const deliver = (c: Changes): void => {
          const result = reduceTopic(state, push(c));
          state = result.state;
          if (result.ask) answer();
        };
        answer();
        for (const { id, value, fate } of steps) {
          if (fate === 'restart') {
            epoch++;
            revision = 0;
            state = reduceTopic(state, { type: 'disconnected' }).state;
            answer();
          }
          const change: Change = value === undefined ? { kind: 'model', id } : model(id, value);
          lab = applyChanges(lab, [change]);
          const message = changes(`e${epoch}`, revision, revision + 1, change);
          revision++;
          if (fate !== 'lost') deliver(message);
          if (fate === 'twice') deliver(message);
        }
        deliver(changes(`e${epoch}`, revision, revision));
        expect(state.entities.model).toEqual(lab.model);
      }),
    );
  });
});
