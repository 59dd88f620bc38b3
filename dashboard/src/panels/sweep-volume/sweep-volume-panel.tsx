import { useMemo } from 'react';
import { useTopic, useValues } from '../../app/lab-context.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { useWidth } from '../../ui/use-width.js';
import type { PanelProps } from '../panel-name.js';
import css from './sweep-volume.module.css';
import { volumeLines, volumePicture } from './volume-lines.js';

const height = 220;
/** Told apart by dash before colour. */
const dashes = ['', '6 3', '2 3', '8 3 2 3'];

/** What the search has found so far: hypervolume over trials. */
export function SweepVolumePanel({ subject }: PanelProps) {
  const topic = useTopic(subject.sweepId ? `sweep/${subject.sweepId}` : undefined);
  const trials = useValues(topic.entities.trial);
  const models = useTopic('lab').entities.model;
  const lines = useMemo(() => volumeLines(trials, (id) => models.get(id)?.name ?? id), [trials, models]);
  const [box, width] = useWidth<HTMLDivElement>();
  const picture = volumePicture(lines, { width, height });
  if (topic.phase === 'waiting') return <Skeleton rows={4} />;
  return (
    <div ref={box} className={css.box} style={{ minHeight: lines.length > 0 ? height : undefined }}>
      {lines.length === 0 && <Empty>No volume yet: it needs the model as it is (fp32) measured on a device.</Empty>}
      {picture && (
        <svg
          className={css.chart}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`Hypervolume over trials: ${lines
            .map(({ name, steps }) => `${name} ${steps.at(-1)!.hypervolume.toFixed(3)} after ${steps.length}`)
            .join('; ')}`}
        >
          {picture.yTicks.map((tick) => (
            <g key={tick.label}>
              <line className={css.grid} x1={picture.plot.left} x2={picture.plot.right} y1={tick.at} y2={tick.at} />
              <text
                className={css.tick}
                x={picture.plot.left - 6}
                y={tick.at}
                textAnchor="end"
                dominantBaseline="central"
              >
                {tick.label}
              </text>
            </g>
          ))}
          {picture.xTicks.map((tick) => (
            <text key={tick.label} className={css.tick} x={tick.at} y={picture.plot.bottom + 16} textAnchor="middle">
              {tick.label}
            </text>
          ))}
          <text
            className={css.axis}
            x={(picture.plot.left + picture.plot.right) / 2}
            y={height - 6}
            textAnchor="middle"
          >
            trials on the device
          </text>
          {picture.paths.map((path, i) => (
            <g key={path.key} data-colour={i % 8} data-testid={`volume-${path.name}`}>
              <path className={css.line} d={path.d} strokeDasharray={dashes[i % dashes.length]} />
              <circle className={css.end} cx={path.end.x} cy={path.end.y} r={4} />
            </g>
          ))}
        </svg>
      )}
      {lines.length > 1 && (
        <ul className={css.legend}>
          {lines.map(({ key, name }, i) => (
            <li key={key} data-colour={i % 8}>
              <svg width="26" height="8" aria-hidden="true">
                <line className={css.line} x1="0" x2="26" y1="4" y2="4" strokeDasharray={dashes[i % dashes.length]} />
              </svg>
              {name}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
