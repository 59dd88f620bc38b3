import { errorText, isLabError } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { offsetText, zoneTime } from '../../format/zone-time.js';
import { useNightsApi } from '../../link/use-nights-api.js';
import css from '../sweep-file/sweep-file.module.css';

/** What the lab makes of a rule; the reason where it makes nothing of it. */
export function useDue(cron: string, timezone: string, isReadable: boolean) {
  const api = useNightsApi();
  const asked = useQuery({
    queryKey: ['due', cron, timezone],
    queryFn: ({ signal }) => api.due({ cron, timezone }, signal),
    enabled: isReadable,
    retry: false,
    placeholderData: (before) => before,
  });
  const refusal =
    isReadable && asked.isError && isLabError(asked.error) && asked.error.code !== 'lab.unreachable'
      ? errorText(asked.error)
      : undefined;
  return { due: isReadable && !asked.isError ? asked.data : undefined, refusal };
}

export interface DueStartsProps {
  readonly due: NonNullable<ReturnType<typeof useDue>['due']>;
  readonly timezone: string;
}

/** The next five starts as clocks of the zone show them, and what the next change of clocks does to them. */
export function DueStarts({ due, timezone }: DueStartsProps) {
  const { starts, clocks } = due;
  return (
    <div className={css.starts} data-testid="due-starts">
      <p>
        <strong>{due.words}</strong>, as clocks in {timezone} show it. Next:
      </p>
      <ol>
        {starts.map(({ at, offsetMinutes }) => (
          <li key={at}>
            <time dateTime={at}>{zoneTime(at, timezone)}</time>{' '}
            <span className="muted">
              ({offsetText(offsetMinutes)}; here {zoneTime(at)})
            </span>
          </li>
        ))}
      </ol>
      {clocks && (
        <p className="muted">
          Clocks change {zoneTime(clocks.at, timezone)}, {offsetText(clocks.from)} → {offsetText(clocks.to)}
          {clocks.start &&
            `; the first start after it: ${zoneTime(clocks.start.at, timezone)} (${offsetText(clocks.start.offsetMinutes)})`}
          . A time that does not exist runs at the next that does, one that occurs twice runs once.
        </p>
      )}
    </div>
  );
}
