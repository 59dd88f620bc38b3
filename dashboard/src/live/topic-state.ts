import { applyChanges, type Changes, type Entities, noEntities, type Snapshot } from '@hilltop/contracts';

/**
 * What a screen holds of one topic.
 * `waiting`: nothing yet. `current`: follows the lab. `stale`: the lab is away, the data stays.
 * `refused`: the lab said no (`error`).
 */
export interface TopicState {
  readonly phase: 'waiting' | 'current' | 'stale' | 'refused';
  readonly entities: Entities;
  /** What we have, in the lab's own counting; absent before the first answer. */
  readonly have?: { readonly epoch: string; readonly revision: number };
  readonly error?: { readonly code: string; readonly message: string };
  /** A subscription is under way; what arrives meanwhile is held back. */
  readonly asking: boolean;
  readonly held: readonly Changes[];
}

export type TopicInput =
  | { readonly type: 'asked' }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  /** An answer to `subscribe` when `answer`, otherwise a push. */
  | { readonly type: 'changes'; readonly changes: Changes; readonly answer: boolean }
  | { readonly type: 'refused'; readonly error: { readonly code: string; readonly message: string } }
  | { readonly type: 'unanswered' }
  | { readonly type: 'disconnected' };

export interface TopicStep {
  readonly state: TopicState;
  /** The lab must be asked again: there is a gap, or its epoch changed. */
  readonly ask: boolean;
}

export const emptyTopic: TopicState = { phase: 'waiting', entities: noEntities, asking: false, held: [] };

/** One input on one topic. Pure: snapshot + changes = later snapshot; every gap ends in a new subscription. */
export function reduceTopic(state: TopicState, input: TopicInput): TopicStep {
  switch (input.type) {
    case 'asked':
      return { state: { ...state, asking: true, held: [] }, ask: false };
    case 'snapshot': {
      const { epoch, revision, entities } = input.snapshot;
      const fresh: TopicState = {
        phase: 'current',
        entities: applyChanges(noEntities, entities),
        have: { epoch, revision },
        asking: false,
        held: [],
      };
      return replay(fresh, state.held);
    }
    case 'changes':
      return input.answer
        ? replay({ ...state, asking: false, held: [] }, [input.changes, ...state.held])
        : push(state, input.changes);
    case 'refused':
      return { state: { ...state, phase: 'refused', error: input.error, asking: false, held: [] }, ask: false };
    case 'unanswered':
      return { state: { ...state, asking: false, held: [] }, ask: true };
    case 'disconnected':
      return { state: { ...state, phase: state.have ? 'stale' : 'waiting', asking: false, held: [] }, ask: false };
  }
}

function push(state: TopicState, changes: Changes): TopicStep {
  if (state.asking) return { state: { ...state, held: [...state.held, changes] }, ask: false };
  return applyOne(state, changes);
}

function replay(state: TopicState, held: readonly Changes[]): TopicStep {
  let step: TopicStep = { state, ask: false };
  for (const changes of held) {
    step = applyOne(step.state, changes);
    if (step.ask) return step;
  }
  return step;
}

function applyOne(state: TopicState, changes: Changes): TopicStep {
  const have = state.have;
  if (!have || have.epoch !== changes.epoch || changes.from > have.revision) return { state, ask: true };
  if (changes.to < have.revision) return { state, ask: false }; // already in what we have
  const { error: _gone, ...rest } = state;
  return {
    state: {
      ...rest,
      phase: 'current',
      entities: applyChanges(state.entities, changes.changes),
      have: { epoch: have.epoch, revision: changes.to },
    },
    ask: false,
  };
}
