import { allows, type Role, roles, type TokenKind, tokenKinds } from '@hilltop/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useBlocked, useLab, useMe } from '../../app/lab-context.js';
import { Button } from '../../ui/button.js';
import { CopyLine } from '../../ui/copy-line.js';
import { Field } from '../../ui/field.js';
import { ErrorNotice } from '../../ui/notice.js';
import { Section } from './section.js';
import css from './settings.module.css';
import { kindWords, tokenDays, tokenRequest } from './token-state.js';

/** Makes a token; its secret stands here until it is put away, and never again. */
export function NewToken() {
  const { api } = useLab();
  const queries = useQueryClient();
  const me = useMe().data;
  const blocked = useBlocked('operator');
  const [kind, setKind] = useState<TokenKind>('svc');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState<number>(90);
  const make = useMutation({
    mutationFn: () => api.createToken(tokenRequest({ kind, name, role, days })),
    onSuccess: () => {
      setName('');
      void queries.invalidateQueries({ queryKey: ['tokens'] });
    },
  });
  return (
    <Section title="New token">
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (blocked === undefined) make.mutate();
        }}
      >
        <Field label="For">
          {(control) => (
            <select {...control} value={kind} onChange={(event) => setKind(event.target.value as TokenKind)}>
              {tokenKinds
                .filter((each) => each !== 'usr' || me?.user !== undefined)
                .map((each) => (
                  <option key={each} value={each}>
                    {kindWords[each]}
                  </option>
                ))}
            </select>
          )}
        </Field>
        <Field label="Name">
          {(control) => (
            <input {...control} maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        {kind === 'svc' && (
          <Field label="May">
            {(control) => (
              <select {...control} value={role} onChange={(event) => setRole(event.target.value as Role)}>
                {roles
                  .filter((each) => me && allows(me.role, each))
                  .map((each) => (
                    <option key={each}>{each}</option>
                  ))}
              </select>
            )}
          </Field>
        )}
        {kind !== 'join' && (
          <Field label="Works for">
            {(control) => (
              <select {...control} value={days} onChange={(event) => setDays(Number(event.target.value))}>
                {tokenDays.map((each) => (
                  <option key={each} value={each}>
                    {each === 0 ? 'until it is revoked' : each === 1 ? '1 day' : `${each} days`}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <Button type="submit" kind="primary" blocked={blocked} disabled={make.isPending}>
          Make the token
        </Button>
      </form>
      {make.isError && <ErrorNotice error={make.error} />}
      {make.data && (
        <div className={css.secret} role="status">
          <p>Copy it now: it is shown this once.</p>
          <CopyLine label="new token" testId="new-token" text={make.data.secret} />
          <Button size="small" onClick={() => make.reset()}>
            I have it
          </Button>
        </div>
      )}
    </Section>
  );
}
