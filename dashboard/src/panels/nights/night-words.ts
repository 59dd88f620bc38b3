import type { GateVerdict, Night } from '@hilltop/contracts';

export type NightTone = 'ok' | 'busy' | 'warn' | 'bad' | 'off';

export interface NightWord {
  readonly tone: NightTone;
  readonly word: string;
  /** A code to search for, where something went wrong. */
  readonly code?: string;
}

const verdicts = {
  improved: { tone: 'ok', word: 'improved' },
  same: { tone: 'ok', word: 'good' },
  worse: { tone: 'bad', word: 'regressed' },
  inconclusive: { tone: 'warn', word: 'inconclusive' },
} as const satisfies Record<GateVerdict, NightWord>;

/** How a night went, in a word; decisions of people are in it. */
export function nightWord({ start, gate }: Night): NightWord {
  switch (start.state) {
    case 'running':
      return { tone: 'busy', word: 'running' };
    case 'skipped':
      return { tone: 'off', word: 'skipped' };
    case 'missed':
      return { tone: 'warn', word: (start.count ?? 1) > 1 ? `missed ${start.count}` : 'missed' };
    case 'failed':
      return { tone: 'bad', word: 'not started', ...(start.error && { code: start.error.code }) };
    case 'ended': {
      if (start.sweepState !== undefined && start.sweepState !== 'succeeded')
        return { tone: start.sweepState === 'failed' ? 'bad' : 'off', word: `sweep ${start.sweepState}` };
      const verdict = gate?.verdict ?? start.verdict;
      if (verdict !== undefined) return verdicts[verdict];
      return start.error ? { tone: 'warn', word: 'not judged', code: start.error.code } : { tone: 'off', word: 'ran' };
    }
  }
}

/** Judged, and nothing in it is worse or missing. */
export const isGood = ({ gate, start }: Night): boolean =>
  start.state === 'ended' &&
  gate !== undefined &&
  (gate.verdict === 'same' || gate.verdict === 'improved') &&
  gate.lanes.infrastructure === 0;
