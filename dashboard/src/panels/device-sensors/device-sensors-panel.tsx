import { useConnection, useLab, useNow, useTopic } from '../../app/lab-context.js';
import { usePulse, usePulseHistory } from '../../app/use-pulse.js';
import { useWidth } from '../../ui/use-width.js';
import { sparkPath, sparksOf } from '../devices/spark.js';
import { sparkText } from '../devices/sparkline.js';
import type { PanelProps } from '../panel-name.js';
import css from './device-sensors.module.css';
import { lackingText, staleShare } from './sensor-words.js';

const [height, spanMs] = [56, 60_000];
const labels = { latencyMs: 'latency', powerW: 'power', temperatureC: 'temperature', loadAverage: 'load' } as const;

/** The last minute of everything that is measured on the device; what is not measured says so, and is never 0. */
export function DeviceSensorsPanel({ subject }: PanelProps) {
  const { clock } = useLab();
  const id = subject.deviceId ?? '';
  const device = useTopic('lab').entities.device.get(id);
  const pulse = usePulse(id);
  const connection = useConnection();
  usePulseHistory();
  useNow(1000);
  const [box, width] = useWidth<HTMLDivElement>();
  const nowMs = Math.max(clock.nowMs(), pulse?.newest.atMs ?? 0);
  const sparks = pulse
    ? sparksOf(pulse.past, pulse.newest).filter(({ points }) => points.at(-1)![0] > nowMs - spanMs)
    : [];
  const lacks =
    device &&
    lackingText(
      device,
      sparks.map(({ key }) => key),
    );
  const plot = Math.max(40, width - 150);
  return (
    <div ref={box} className={css.sensors}>
      {sparks.length === 0 && <p className="muted">Nothing was measured in the last minute.</p>}
      {sparks.map(({ key, points, newest }) => {
        const values = points.map(([, value]) => value);
        const stale = staleShare(points.at(-1)![0], nowMs, spanMs, connection.status === 'live');
        return (
          <div key={key} className={css.row} data-sensor={key}>
            <svg
              width={plot}
              height={height}
              role="img"
              aria-label={`${labels[key]} over the last minute, now ${sparkText(key, newest)}`}
            >
              <path d={sparkPath(points, { width: plot, height, nowMs, spanMs })} className={css.line} />
              {stale > 0 && (
                <>
                  <pattern
                    id={`stale-${key}`}
                    width="6"
                    height="6"
                    patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)"
                  >
                    <line x1="0" y1="0" x2="0" y2="6" className={css.hatch} />
                  </pattern>
                  <rect x={plot * (1 - stale)} width={plot * stale} height={height} fill={`url(#stale-${key})`} />
                </>
              )}
            </svg>
            <div>
              <strong>{sparkText(key, newest)}</strong>
              <p className="caption">
                {key === 'loadAverage' ? 'average of a minute' : labels[key]}
                {Math.max(...values) > Math.min(...values) &&
                  ` ${sparkText(key, Math.min(...values))} to ${sparkText(key, Math.max(...values)).replace('load ', '')}`}
              </p>
            </div>
          </div>
        );
      })}
      {lacks && <p className="caption">{lacks}</p>}
    </div>
  );
}
