import type { SamplerName } from '@hilltop/contracts';
import { adaptive } from './adaptive.js';
import { grid } from './grid.js';
import { random } from './random.js';
import type { Sampler } from './sampler.js';

/** One row for each way to search. */
export const samplers = { grid, random, adaptive } as const satisfies Record<SamplerName, Sampler>;
