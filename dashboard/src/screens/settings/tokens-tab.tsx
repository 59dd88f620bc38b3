import { useQuery } from '@tanstack/react-query';
import { useBlocked, useMe } from '../../app/lab-context.js';
import { usePeopleApi } from '../../link/people-api.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { NewToken } from './new-token.js';
import { Section } from './section.js';
import { TokenTable } from './token-table.js';

/** Every token one may see: an admin all, an operator their own. */
export function TokensTab() {
  const people = usePeopleApi();
  const me = useMe().data;
  const blocked = useBlocked('operator');
  const mayList = me !== undefined && me.role !== 'viewer';
  const asked = useQuery({ queryKey: ['tokens'], queryFn: people.tokens, enabled: mayList });
  return (
    <>
      <NewToken />
      <Section title="Tokens">
        {me && !mayList && <Empty>{blocked ?? 'Only operators and admins see tokens.'}</Empty>}
        {asked.isError && <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />}
        {mayList && asked.isPending && <Skeleton />}
        {asked.data && <TokenTable label="Tokens" tokens={asked.data} />}
      </Section>
    </>
  );
}
