import type { RunPhase } from '@hilltop/contracts';

const words = {
  fetching: 'fetching',
  cooling: 'cooling down',
  loading: 'loading',
  'warming-up': 'warming up',
  measuring: 'measuring',
  evaluating: 'evaluating',
} as const satisfies Record<RunPhase, string>;

export interface ProgressLike {
  readonly phase: RunPhase;
  readonly block?: number | undefined;
  readonly blocks?: number | undefined;
}

/** `measuring, block 3 of 5`; blocks count from 0 on the wire. */
export function progressText(progress: ProgressLike | undefined): string {
  if (!progress) return 'starting';
  const { phase, block, blocks } = progress;
  return block !== undefined && blocks !== undefined && phase !== 'fetching' && phase !== 'evaluating'
    ? `${words[phase]}, block ${Math.min(block + 1, blocks)} of ${blocks}`
    : words[phase];
}
