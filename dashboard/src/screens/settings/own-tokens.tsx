import type { Me } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useBlocked } from '../../app/lab-context.js';
import { usePeopleApi } from '../../link/people-api.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { Section } from './section.js';
import { ownTokens } from './token-state.js';
import { TokenTable } from './token-table.js';

/** What signs me in: tokens, and browsers in which I am. */
export function OwnTokens({ me }: { readonly me: Me }) {
  const people = usePeopleApi();
  const blocked = useBlocked('operator');
  const asked = useQuery({ queryKey: ['tokens'], queryFn: people.tokens, enabled: me.role !== 'viewer' });
  return (
    <Section title="Your tokens and sessions">
      {me.role === 'viewer' ? (
        <Empty>{blocked ?? 'Operators see and revoke their tokens here.'}</Empty>
      ) : asked.isError ? (
        <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />
      ) : asked.data ? (
        <TokenTable label="Your tokens" tokens={ownTokens(asked.data, me).filter(({ revokedAt }) => !revokedAt)} />
      ) : (
        <Skeleton />
      )}
    </Section>
  );
}
