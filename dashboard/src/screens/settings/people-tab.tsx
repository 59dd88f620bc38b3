import { type Role, roles, type User } from '@hilltop/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useBlocked, useLab, useMe } from '../../app/lab-context.js';
import { usePeopleApi } from '../../link/people-api.js';
import { Ago } from '../../ui/ago.js';
import { Button } from '../../ui/button.js';
import { ConfirmButton } from '../../ui/confirm-button.js';
import { CopyLine } from '../../ui/copy-line.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { Field } from '../../ui/field.js';
import { ErrorNotice } from '../../ui/notice.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { GuestLinks } from './guest-links.js';
import { Section } from './section.js';
import css from './settings.module.css';

/** Who belongs to the lab and what each may do; who watches by a link. */
export function PeopleTab() {
  const me = useMe().data;
  if (me?.guest) return <Empty>You are watching as {me.guest.name}; sign in to see who belongs to this lab.</Empty>;
  return (
    <>
      <Users />
      <NewUser />
      <GuestLinks />
    </>
  );
}

function Users() {
  const people = usePeopleApi();
  const queries = useQueryClient();
  const blocked = useBlocked('admin');
  const me = useMe().data;
  const asked = useQuery({ queryKey: ['users'], queryFn: people.users });
  const onSettled = () =>
    Promise.all(['users', 'tokens', 'me'].map((name) => queries.invalidateQueries({ queryKey: [name] })));
  const change = useMutation({
    mutationFn: ({ user, role }: { user: User; role: Role }) => people.updateUser(user.id, { role }),
    onSettled,
  });
  const remove = useMutation({ mutationFn: (user: User) => people.removeUser(user.id), onSettled });
  const error = change.error ?? remove.error;
  return (
    <Section title="People">
      {asked.isError && <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />}
      {asked.isPending && <Skeleton />}
      {asked.data && (
        <ScrollBox label="People">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">May</th>
                <th scope="col">Since</th>
                <th scope="col">
                  <span className="hidden">Remove</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {asked.data.map((user) => (
                <tr key={user.id} data-testid={`user-${user.name}`}>
                  <th scope="row">
                    {user.name}
                    {user.id === me?.user?.id && <span className="muted"> (you)</span>}
                  </th>
                  <td>
                    <select
                      className={css.role}
                      aria-label={`Role of ${user.name}`}
                      title={blocked}
                      disabled={blocked !== undefined}
                      value={user.role}
                      onChange={(event) => change.mutate({ user, role: event.target.value as Role })}
                    >
                      {roles.map((role) => (
                        <option key={role}>{role}</option>
                      ))}
                    </select>
                  </td>
                  <td className="muted">
                    <Ago instant={user.createdAt} />
                  </td>
                  <td className={css.end}>
                    <ConfirmButton
                      word="Remove"
                      label={user.name}
                      blocked={blocked}
                      onConfirm={() => remove.mutate(user)}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
      {blocked !== undefined && <p className="caption">{blocked}</p>}
      {error && <ErrorNotice error={error} />}
    </Section>
  );
}

/** A new person gets a token of their own to sign in with. */
function NewUser() {
  const { api } = useLab();
  const people = usePeopleApi();
  const queries = useQueryClient();
  const blocked = useBlocked('admin');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('operator');
  const make = useMutation({
    mutationFn: async () => {
      const user = await people.createUser(name.trim(), role);
      return { user, token: await api.createToken({ kind: 'usr', userId: user.id, name: 'first sign-in' }) };
    },
    onSuccess: () => setName(''),
    onSettled: () => queries.invalidateQueries({ queryKey: ['users'] }),
  });
  return (
    <Section title="Add a person">
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (blocked === undefined && name.trim() !== '') make.mutate();
        }}
      >
        <Field label="Name">
          {(control) => (
            <input
              {...control}
              required
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="May">
          {(control) => (
            <select {...control} value={role} onChange={(event) => setRole(event.target.value as Role)}>
              {roles.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          )}
        </Field>
        <Button type="submit" kind="primary" blocked={blocked} disabled={make.isPending}>
          Add
        </Button>
      </form>
      {make.isError && <ErrorNotice error={make.error} />}
      {make.data && (
        <div className={css.secret} role="status">
          <p>{make.data.user.name} signs in with this token. Copy it now: it is shown this once.</p>
          <CopyLine label={`token of ${make.data.user.name}`} testId="first-token" text={make.data.token.secret} />
          <Button size="small" onClick={() => make.reset()}>
            I have it
          </Button>
        </div>
      )}
    </Section>
  );
}
