import type { TrialReason } from '@hilltop/contracts';
import { firstOf, standingOf, untried } from './place-standing.js';
import type { SearchPoint, SearchState, SearchStep } from './sampler.js';

/** Every point once under the final protocol, in the order that `arrange` gives what is left; the control first. */
export function inTurn(
  state: SearchState,
  deviceId: string,
  reason: TrialReason & ('grid' | 'random'),
  arrange: (points: readonly SearchPoint[]) => SearchPoint | undefined,
): SearchStep {
  const standing = standingOf(state, deviceId);
  const { protocol } = state;
  const control = firstOf(standing);
  if (control)
    return {
      kind: 'try',
      pointKey: control.key,
      protocol,
      reason: 'control',
      why: `${control.recipe} first: what the others are held against`,
    };
  const left = untried(state, standing);
  const total = standing.place.points.length;
  const next = arrange(left);
  if (next)
    return {
      kind: 'try',
      pointKey: next.key,
      protocol,
      reason,
      why: `${reason}: ${total - left.length + 1} of ${total}`,
    };
  if (standing.open > 0) return { kind: 'wait', why: `${standing.open} of ${total} points are still under way` };
  return { kind: 'done', why: `all ${total} points were tried` };
}
