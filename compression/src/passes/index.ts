import type { PassName } from '@hilltop/contracts';
import type { Pass } from '../pass.js';
import { fp16 } from './fp16.js';
import { optimize } from './optimize.js';
import { pruneChannels } from './prune-channels.js';
import { quantizeStatic } from './quantize-static.js';
import { quantizeWeights } from './quantize-weights.js';

/** Every pass by name. */
export const passes = {
  optimize,
  'quantize-static': quantizeStatic,
  'quantize-weights': quantizeWeights,
  fp16,
  'prune-channels': pruneChannels,
} as const satisfies Record<PassName, Pass>;
