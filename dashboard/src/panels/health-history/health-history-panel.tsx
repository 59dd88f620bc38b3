import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useLab, useTopic } from '../../app/lab-context.js';
import { formatMetric } from '../../format/number.js';
import { formatInstant } from '../../format/time.js';
import { Ago } from '../../ui/ago.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { DeviceStateMark } from '../../ui/state-mark.js';
import type { PanelProps } from '../panel-name.js';
import css from './health-history.module.css';
import { healthDots } from './health-model.js';

const shapes = { ok: '●', bad: '■', busy: '▶', off: '○' } as const;
const shownChanges = 8;

/** The newest health checks as dots, and when the device came, went and left the rotation. */
export function HealthHistoryPanel({ subject }: PanelProps) {
  const { api } = useLab();
  const id = subject.deviceId ?? '';
  const device = useTopic('lab').entities.device.get(id);
  // Read again when what the page hears of the device moves.
  const stamp = [device?.state, device?.quarantine?.since, device?.lastCheck?.at, device?.currentRunId].join(' ');
  const asked = useQuery({
    queryKey: ['health', id, stamp],
    queryFn: () => api.deviceHealth(id),
    placeholderData: (before) => before,
  });
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton />;
  const { checks, changes, medianMs, failuresInARow } = asked.data;
  const dots = healthDots(checks);
  const bad = dots.filter(({ tone }) => tone === 'bad').length;
  const newest = dots.at(-1);
  return (
    <div className={css.health}>
      {dots.length === 0 ? (
        <Empty>
          No health check yet. The lab makes one before it searches here; “Check health now” makes one at once.
        </Empty>
      ) : (
        <>
          <ol className={css.dots} aria-label="Health checks, the newest last">
            {dots.map(({ id: key, tone, text, at, href }) => {
              const title = `${text} (${formatInstant(at)})`;
              const mark = <span aria-hidden>{shapes[tone]}</span>;
              return (
                <li key={key} data-tone={tone} title={title}>
                  {href ? (
                    <Link href={href} aria-label={title} className={css.dot}>
                      {mark}
                    </Link>
                  ) : (
                    <span className={css.dot}>
                      {mark}
                      <span className="hidden">{title}</span>
                    </span>
                  )}
                </li>
              );
            })}
          </ol>
          <p>
            Newest: {newest!.text}{' '}
            <span className="muted">
              <Ago instant={newest!.at} />
            </span>
          </p>
          <p className="caption">
            {dots.length} {dots.length === 1 ? 'check' : 'checks'}, {bad} bad
            {medianMs !== undefined && `; usually ${formatMetric('latency_p50_ms', medianMs)}`}
            {failuresInARow > 0 && `; ${failuresInARow} runs failed in a row by its fault`}
          </p>
        </>
      )}
      {changes.length > 0 && (
        <ol className={css.changes} aria-label="Comings and goings, the newest first">
          {changes.slice(0, shownChanges).map(({ at, state, reason, by }) => (
            <li key={`${at} ${state}`}>
              <DeviceStateMark state={state} />
              <span className={css.why}>
                {reason}
                {by && <span className="muted"> by {by}</span>}
              </span>
              <span className="muted">
                <Ago instant={at} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
