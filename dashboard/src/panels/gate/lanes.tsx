import type { GateLanes } from '@hilltop/contracts';
import css from './gate.module.css';
import { type LaneName, laneNames } from './gate-rows.js';

const shapes: Record<LaneName, string> = {
  regressed: '▼',
  improved: '▲',
  infrastructure: '■',
  inconclusive: '◇',
  same: '=',
};

export const laneWords: Record<LaneName, string> = {
  regressed: 'Regressed',
  improved: 'Improved',
  infrastructure: 'Infrastructure',
  inconclusive: 'Inconclusive',
  same: 'Same',
};

export interface LanesProps {
  readonly lanes: GateLanes;
  readonly shown: LaneName | undefined;
  readonly onShow: (lane: LaneName | undefined) => void;
}

/** Five numbers that are never added up; each shows its own rows. */
export function Lanes({ lanes, shown, onShow }: LanesProps) {
  return (
    <div className={css.lanes} role="toolbar" aria-label="Lanes">
      {laneNames.map((lane) => (
        <button
          key={lane}
          type="button"
          className={css.lane}
          data-lane={lane}
          data-testid={`lane-${lane}`}
          aria-pressed={shown === lane}
          onClick={() => onShow(shown === lane ? undefined : lane)}
        >
          <span className={css.laneName}>
            <span aria-hidden="true">{shapes[lane]}</span> {laneWords[lane]}
          </span>
          <span className={css.laneCount}>{lanes[lane]}</span>
        </button>
      ))}
    </div>
  );
}

/** `2 regressed · 3 infrastructure · 4 inconclusive`: three numbers, never one. */
export function LaneCounts({ lanes }: { readonly lanes: GateLanes }) {
  return (
    <span className={css.counts}>
      {(['regressed', 'infrastructure', 'inconclusive'] as const).map((lane) => (
        <span key={lane} data-lane={lane} data-none={lanes[lane] === 0 || undefined}>
          <span aria-hidden="true">{shapes[lane]}</span> {lanes[lane]} {lane}
        </span>
      ))}
    </span>
  );
}
