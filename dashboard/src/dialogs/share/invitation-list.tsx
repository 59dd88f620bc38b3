import type { Invitation } from '@hilltop/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocked, useNow } from '../../app/lab-context.js';
import { formatInstant } from '../../format/time.js';
import { usePeopleApi } from '../../link/people-api.js';
import { ConfirmButton } from '../../ui/confirm-button.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import css from './share.module.css';

/** Whether a link still lets people in. */
export const isOpen = ({ revokedAt, expiresAt }: Invitation, nowMs: number): boolean =>
  revokedAt === undefined && Date.parse(expiresAt) > nowMs;

/** The links that let guests in, and the button that ends each. */
export function InvitationList({ only }: { readonly only: 'open' | 'all' }) {
  const people = usePeopleApi();
  const queries = useQueryClient();
  const blocked = useBlocked('operator');
  const now = useNow(30_000);
  const asked = useQuery({ queryKey: ['invitations'], queryFn: people.invitations });
  const end = useMutation({
    mutationFn: people.endInvitation,
    onSettled: () => queries.invalidateQueries({ queryKey: ['invitations'] }),
  });
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton rows={2} />;
  const shown = asked.data.filter((each) => only === 'all' || isOpen(each, now));
  if (shown.length === 0) return <Empty>No link lets anybody in.</Empty>;
  return (
    <>
      <ul className={css.list}>
        {shown.map((each) => (
          <li key={each.id} className={css.row} data-testid={`invitation-${each.id}`}>
            <span className={css.what}>
              <strong>{each.label ?? each.path}</strong>{' '}
              <span className="muted">
                {each.label !== undefined && `${each.path} · `}
                {each.guests === 1 ? '1 guest' : `${each.guests} guests`} · by {each.createdBy} ·{' '}
                {isOpen(each, now)
                  ? `until ${formatInstant(each.expiresAt)}`
                  : each.revokedAt !== undefined
                    ? 'revoked'
                    : 'expired'}
              </span>
            </span>
            {isOpen(each, now) && (
              <ConfirmButton
                word="Revoke"
                label={`the link to ${each.label ?? each.path}`}
                blocked={blocked}
                onConfirm={() => end.mutate(each.id)}
              />
            )}
          </li>
        ))}
      </ul>
      {end.isError && <ErrorNotice error={end.error} />}
    </>
  );
}
