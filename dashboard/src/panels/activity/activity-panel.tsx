import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useLab } from '../../app/lab-context.js';
import { Ago } from '../../ui/ago.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import css from './activity.module.css';

/** The record is read again after this time; what matters now is on the screens live. */
const againMs = 15_000;

/** Who did what, newest first. */
export function ActivityPanel() {
  const { api } = useLab();
  const asked = useQuery({ queryKey: ['activities'], queryFn: api.activities, refetchInterval: againMs });
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton />;
  if (asked.data.length === 0) return <Empty>Nobody has done anything yet.</Empty>;
  return (
    <ol className={css.list}>
      {asked.data.map(({ seq, by, did, object, link, at, failed }) => (
        <li key={seq}>
          <strong>{by.name}</strong> {did}{' '}
          {link ? <Link href={link}>{object.name ?? object.id}</Link> : (object.name ?? '')}
          {failed && <span className={css.failed}> failed: {failed}</span>}{' '}
          <span className="muted">
            <Ago instant={at} />
          </span>
        </li>
      ))}
    </ol>
  );
}
