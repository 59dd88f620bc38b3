import type { PassName } from '@hilltop/contracts';
import type { Pass } from '../pass.js';
import { clusterWeights } from './cluster-weights.js';
import { equalize } from './equalize.js';
import { factorizeLowRank } from './factorize-low-rank.js';
import { fp16 } from './fp16.js';
import { mixedPrecision } from './mixed-precision.js';
import { optimize } from './optimize.js';
import { pruneChannels } from './prune-channels.js';
import { pruneMagnitude } from './prune-magnitude.js';
import { quantizeDynamic } from './quantize-dynamic.js';
import { quantizeStatic } from './quantize-static.js';
import { quantizeWeights } from './quantize-weights.js';
import { recoverStatistics } from './recover-statistics.js';

/** Every pass by name. */
export const passes = {
  optimize,
  equalize,
  'prune-channels': pruneChannels,
  'prune-magnitude': pruneMagnitude,
  'factorize-low-rank': factorizeLowRank,
  'cluster-weights': clusterWeights,
  'recover-statistics': recoverStatistics,
  fp16,
  'quantize-weights': quantizeWeights,
  'quantize-dynamic': quantizeDynamic,
  'quantize-static': quantizeStatic,
  'mixed-precision': mixedPrecision,
} as const satisfies Record<PassName, Pass>;
