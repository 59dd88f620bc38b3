import { halfWidth, type Run } from '@hilltop/contracts';
import { formatNumber } from '../../format/number.js';
import { shortDuration } from './phases-model.js';

/** When a run ends, in words: the lab measures a fixed number of blocks, it has no interval to reach. */
export function stopRule(
  { protocol: { blocks, blockMinMs, blockMinInferences, earlyStopping, board } }: Pick<Run, 'protocol'>,
  device: { readonly isBoard: boolean; readonly isEmulated: boolean },
): string {
  if (device.isBoard) {
    if (!board) return `ends after ${blocks} loops`;
    return device.isEmulated
      ? `ends after ${blocks} loops of ${board.emulatedInferences} inferences`
      : `ends after ${blocks} loops of at least ${shortDuration(board.loopMinMs)} and ${board.loopMinInferences} inferences`;
  }
  const held =
    earlyStopping &&
    `, the last also until p${formatNumber(earlyStopping.percentile * 100, 2)} is sure to ${formatNumber(earlyStopping.confidence * 100, 2)}\u00a0%`;
  return `ends after ${blocks} blocks of at least ${shortDuration(blockMinMs)} and ${blockMinInferences} inferences${held ?? ''}`;
}

/** How narrow the interval of the median became: `p50 ± 0.8 %`. Undefined where the lab gave none. */
export function reachedWidth({ metrics }: Pick<Run, 'metrics'>): string | undefined {
  const p50 = metrics.latency_p50_ms;
  const half = p50 && halfWidth(p50);
  if (!p50 || half === undefined || !(p50.value > 0)) return undefined;
  return half === 0 ? 'p50: all equal' : `p50 ±\u00a0${formatNumber((half / p50.value) * 100, 2)}\u00a0%`;
}

/** Which block of how many; all of a run that succeeded. */
export function blocksOf(
  run: Pick<Run, 'state' | 'protocol'>,
  progress:
    | { readonly phase: string; readonly block?: number | undefined; readonly blocks?: number | undefined }
    | undefined,
): { readonly done: number; readonly all: number } | undefined {
  if (run.state === 'succeeded') return { done: run.protocol.blocks, all: run.protocol.blocks };
  if (!progress) return undefined;
  const all = progress.blocks ?? run.protocol.blocks;
  if (progress.phase === 'evaluating') return { done: all, all };
  return progress.block === undefined ? undefined : { done: Math.min(progress.block, all), all };
}
