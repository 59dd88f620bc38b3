import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocked, useMe } from '../../app/lab-context.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { InvitationList } from '../../dialogs/share/invitation-list.js';
import { usePeopleApi } from '../../link/people-api.js';
import { Button } from '../../ui/button.js';
import { Empty } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { Section } from './section.js';
import css from './settings.module.css';

/** Links that let people watch, and whether the lab allows any. */
export function GuestLinks() {
  const people = usePeopleApi();
  const queries = useQueryClient();
  const { open } = useDialogs();
  const me = useMe().data;
  const byOperator = useBlocked('operator');
  const byAdmin = useBlocked('admin');
  const system = useQuery({ queryKey: ['system'], queryFn: people.system });
  const allow = useMutation({
    mutationFn: people.allowGuests,
    onSuccess: (answer) => queries.setQueryData(['system'], answer),
  });
  const isOn = system.data?.guests;
  return (
    <Section
      title="Guests"
      actions={
        <Button
          blocked={byOperator ?? (isOn === false ? 'Guests are switched off.' : undefined)}
          onClick={() => open('share')}
        >
          Invite guests
        </Button>
      }
    >
      <p className="muted">
        A guest comes by a link, needs no account, sees every screen and who is here, and changes nothing.
      </p>
      <div className={css.group}>
        <label title={byAdmin}>
          <input
            type="checkbox"
            checked={isOn ?? false}
            disabled={byAdmin !== undefined || isOn === undefined || allow.isPending}
            onChange={(event) => allow.mutate(event.target.checked)}
          />
          Links let guests in{byAdmin !== undefined && <span className="caption">{byAdmin}</span>}
        </label>
      </div>
      {allow.isError && <ErrorNotice error={allow.error} />}
      {me?.role === 'viewer' ? (
        <Empty>{byOperator ?? 'Operators see the links here.'}</Empty>
      ) : (
        <InvitationList only="all" />
      )}
    </Section>
  );
}
