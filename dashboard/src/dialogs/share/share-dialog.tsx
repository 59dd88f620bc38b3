import { invitationHours } from '@hilltop/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useBlocked, useLab } from '../../app/lab-context.js';
import { formatInstant } from '../../format/time.js';
import { usePeopleApi } from '../../link/people-api.js';
import { Button } from '../../ui/button.js';
import { CopyLine } from '../../ui/copy-line.js';
import { Field } from '../../ui/field.js';
import { Modal } from '../../ui/modal.js';
import { ErrorNotice, Notice } from '../../ui/notice.js';
import { isLoopback } from '../add-device/join-command.js';
import type { DialogProps } from '../dialogs-context.js';
import { InvitationList } from './invitation-list.js';
import css from './share.module.css';
import { shareHours, shareLink } from './share-link.js';

/** Makes a link to this page that lets people in to watch, and ends those there are. */
export function ShareDialog({ onClose }: DialogProps) {
  const { api } = useLab();
  const people = usePeopleApi();
  const queries = useQueryClient();
  const blocked = useBlocked('operator');
  const lab = useQuery({ queryKey: ['lab'], queryFn: api.lab });
  const [path] = useState(() => location.pathname + location.search);
  const [hours, setHours] = useState<number>(invitationHours.usual);
  const [label, setLabel] = useState('');
  const made = useMutation({
    mutationFn: () =>
      people.invite({ path, expiresInHours: hours, ...(label.trim() !== '' && { label: label.trim() }) }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['invitations'] }),
  });
  const link = made.data && shareLink(location.origin, lab.data?.urls ?? [], path, made.data.code);
  return (
    <Modal
      title="Share this page"
      description="Whoever has the link watches this lab as a guest: who is here, every screen, nothing to change. No account is needed."
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      {link === undefined ? (
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (blocked === undefined) made.mutate();
          }}
        >
          <Field label="Works for">
            {(control) => (
              <select {...control} value={hours} onChange={(event) => setHours(Number(event.target.value))}>
                {shareHours.map(([value, text]) => (
                  <option key={value} value={value}>
                    {text}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label="What for (optional)">
            {(control) => (
              <input {...control} maxLength={100} value={label} onChange={(event) => setLabel(event.target.value)} />
            )}
          </Field>
          <Button type="submit" kind="primary" blocked={blocked} disabled={made.isPending}>
            Make the link
          </Button>
        </form>
      ) : (
        <>
          <CopyLine label="link for guests" text={link} testId="guest-link" />
          <p className="caption">
            It is shown this once, and works until {formatInstant(made.data!.invitation.expiresAt)}.
          </p>
          {isLoopback(link) && (
            <Notice tone="warn">
              This address works on this machine only. For others, start the lab with <code>--listen 0.0.0.0</code>.
            </Notice>
          )}
        </>
      )}
      {made.isError && <ErrorNotice error={made.error} />}
      {blocked === undefined && (
        <section className={css.links} aria-labelledby="open-links">
          <h3 id="open-links">Links that work</h3>
          <InvitationList only="open" />
        </section>
      )}
    </Modal>
  );
}
