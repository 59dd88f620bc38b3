import { LabError, type RunState, runTransitions } from '@hilltop/contracts';

/** The state that follows, or `run.bad-transition`. */
export function transition(from: RunState, to: RunState): RunState {
  if (!(runTransitions[from] as readonly RunState[]).includes(to)) {
    throw new LabError('run.bad-transition', `a run that is ${from} cannot become ${to}`, { from, to });
  }
  return to;
}

/** Several steps at once, each of which must be allowed. */
export function transitions(from: RunState, ...steps: readonly RunState[]): RunState {
  return steps.reduce(transition, from);
}
