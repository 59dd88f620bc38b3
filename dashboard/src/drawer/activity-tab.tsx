import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useMe } from '../app/lab-context.js';
import { usePeopleApi } from '../link/people-api.js';
import { ActivityList } from '../panels/activity/activity-list.js';
import { partyKey } from '../panels/leases/lease-model.js';
import { Empty, Skeleton } from '../ui/empty.js';
import { ErrorNotice } from '../ui/notice.js';
import css from './drawer.module.css';
import { useObject } from './use-object.js';

const againMs = 10_000;

/** Who did what; only what I did, only what was done to the thing that is shown. */
export function ActivityTab() {
  const people = usePeopleApi();
  const me = useMe().data;
  const object = useObject();
  const [isMine, setMine] = useState(false);
  const [isThis, setThis] = useState(false);
  const query = {
    ...(isMine && me && { by: partyKey(me) }),
    ...(isThis && object && { object: object.id }),
  };
  const asked = useQuery({
    queryKey: ['activities', query],
    queryFn: () => people.activities(query),
    refetchInterval: againMs,
  });
  return (
    <>
      <p className={css.filters}>
        {me?.guest === undefined && (
          <label>
            <input type="checkbox" checked={isMine} onChange={(event) => setMine(event.target.checked)} /> Mine
          </label>
        )}
        <label>
          <input
            type="checkbox"
            checked={isThis && object !== undefined}
            disabled={object === undefined}
            onChange={(event) => setThis(event.target.checked)}
          />{' '}
          {object === undefined ? 'This page is about no single thing' : `This ${object.kind}`}
        </label>
      </p>
      {asked.isError && <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />}
      {asked.isPending && <Skeleton />}
      {asked.data?.length === 0 && <Empty>Nobody has done anything of the kind yet.</Empty>}
      {asked.data && <ActivityList all={asked.data} />}
    </>
  );
}
