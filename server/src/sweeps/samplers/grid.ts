import { inTurn } from './in-turn.js';
import type { Sampler } from './sampler.js';

/** Everything, in the order of the sweep file; what breaks a constraint beforehand last. */
export const grid: Sampler = {
  name: 'grid',
  next: (state, deviceId) => inTurn(state, deviceId, 'grid', ([first]) => first),
};
