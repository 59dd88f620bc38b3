import { breaks } from './axes.js';
import { inTurn } from './in-turn.js';
import type { Sampler, SearchPoint, SearchState } from './sampler.js';
import { seeded } from './seeded.js';

/** Everything once, in an order that the seed and the device give: that of a point does not depend on what else is there. */
export const random: Sampler = {
  name: 'random',
  next: (state, deviceId) => inTurn(state, deviceId, 'random', (points) => drawn(state, deviceId, points)),
};

function drawn(state: SearchState, deviceId: string, points: readonly SearchPoint[]): SearchPoint | undefined {
  const places = points.map((point) => ({
    point,
    at: Number(breaks(state.constraints, point.screening)) + seeded(state.seed, `${deviceId} ${point.key}`),
  }));
  return places.reduce((best, one) => (best === undefined || one.at < best.at ? one : best), places[0])?.point;
}
