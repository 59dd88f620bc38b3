import chart from './chart.module.css';
import { statusWords } from './describe.js';
import css from './frontier-panel.module.css';
import { rampColour, StatusMark } from './marks.js';
import { sizeFactor, type ThirdMetric } from './third-metric.js';

export interface LegendProps {
  readonly size: ThirdMetric | undefined;
  readonly colour: ThirdMetric | undefined;
  readonly hasBand: boolean;
  readonly hasGhost: boolean;
}

/** What the shapes, lines, sizes and colours mean. */
export function Legend({ size, colour, hasBand, hasGhost }: LegendProps) {
  return (
    <ul className={css.legend} aria-label="Marks">
      {(['on', 'uncertain', 'dominated'] as const).map((status) => (
        <li key={status}>
          <StatusMark status={status} />
          {statusWords[status]}
        </li>
      ))}
      <li>
        <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
          <path className={chart.triangle} d="M6 2l4 7.5H2z" />
        </svg>
        disturbed
      </li>
      {hasBand && (
        <li>
          <svg width="22" height="12" viewBox="0 0 22 12" aria-hidden="true">
            <path className={chart.band} d="M0 8H11V2H22V7H13V12H0Z" />
            <path className={chart.stairs} d="M0 10H12V4.500H22" />
          </svg>
          reached by half, band by 10 to 90 % of the re-draws
        </li>
      )}
      {hasGhost && (
        <li>
          <svg width="22" height="12" viewBox="0 0 22 12" aria-hidden="true">
            <path className={chart.ghost} d="M0 10H12V4H22" />
          </svg>
          baseline
        </li>
      )}
      {size && (
        <li className={css.scale}>
          {size.label.toLowerCase()}:
          {size.steps.map(({ share, text }) => (
            <span key={share}>
              <svg width="22" height="22" viewBox="-11 -11 22 22" aria-hidden="true" className={chart.on}>
                <circle className={chart.mark} r={5.5 * sizeFactor(share)} />
              </svg>
              {text}
            </span>
          ))}
        </li>
      )}
      {colour && (
        <li className={css.scale}>
          {colour.label.toLowerCase()}:
          {colour.steps.map(({ share, text }) => (
            <span key={share}>
              <i className={css.swatch} style={{ background: rampColour(share) }} />
              {text}
            </span>
          ))}
        </li>
      )}
    </ul>
  );
}
