import { useQuery } from '@tanstack/react-query';
import { useRoute } from 'wouter';
import { useLab } from '../../app/lab-context.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { ActivityList } from './activity-list.js';

/** The record is read again after this time; what matters now is on the screens live. */
const againMs = 15_000;

/** The lab's page shows the newest; the rest is in the drawer. */
const shownOnLab = 15;

/** Who did what, newest first. */
export function ActivityPanel() {
  const { api } = useLab();
  const [isLab] = useRoute('/');
  const asked = useQuery({ queryKey: ['activities'], queryFn: api.activities, refetchInterval: againMs });
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton />;
  if (asked.data.length === 0) return <Empty>Nobody has done anything yet.</Empty>;
  return <ActivityList all={isLab ? asked.data.slice(0, shownOnLab) : asked.data} />;
}
