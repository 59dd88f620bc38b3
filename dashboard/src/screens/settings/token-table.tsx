import type { Token } from '@hilltop/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useBlocked, useMe, useNow } from '../../app/lab-context.js';
import { formatInstant } from '../../format/time.js';
import { usePeopleApi } from '../../link/people-api.js';
import { Ago } from '../../ui/ago.js';
import { ConfirmButton } from '../../ui/confirm-button.js';
import { ErrorNotice } from '../../ui/notice.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import css from './settings.module.css';
import { orderTokens, tokenState } from './token-state.js';

/** Tokens, the working ones first; each can be revoked after one more word. */
export function TokenTable({ tokens, label }: { readonly tokens: readonly Token[]; readonly label: string }) {
  const people = usePeopleApi();
  const queries = useQueryClient();
  const blocked = useBlocked('operator');
  const me = useMe().data;
  const now = useNow(30_000);
  const revoke = useMutation({
    mutationFn: people.revokeToken,
    onSettled: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
  });
  return (
    <>
      <ScrollBox label={label}>
        <table>
          <thead>
            <tr>
              <th scope="col">Token</th>
              <th scope="col">For</th>
              <th scope="col">State</th>
              <th scope="col">Last used</th>
              <th scope="col">Until</th>
              <th scope="col">
                <span className="hidden">Revoke</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {orderTokens(tokens, now).map((token) => {
              const state = tokenState(token, now);
              const name = token.name ?? token.id;
              return (
                <tr
                  key={token.id}
                  className={state === 'good' ? undefined : css.gone}
                  data-testid={`token-${token.id}`}
                >
                  <th scope="row">
                    {name}
                    {token.id === me?.tokenId && <span className="muted"> (this screen)</span>}
                  </th>
                  <td>{scopeOf(token)}</td>
                  <td>{state}</td>
                  <td>{token.lastUsedOn ?? 'never'}</td>
                  <td>
                    {token.revokedAt !== undefined ? (
                      <Ago instant={token.revokedAt} />
                    ) : token.expiresAt === undefined ? (
                      'it is revoked'
                    ) : (
                      formatInstant(token.expiresAt)
                    )}
                  </td>
                  <td className={css.end}>
                    {state === 'good' && (
                      <ConfirmButton
                        word="Revoke"
                        label={`the token ${name}`}
                        blocked={blocked}
                        onConfirm={() => revoke.mutate(token.id)}
                      />
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </ScrollBox>
      {revoke.isError && <ErrorNotice error={revoke.error} />}
    </>
  );
}

function scopeOf({ kind, user, role, usesLeft }: Token): string {
  if (kind === 'join') return `agents that join${usesLeft === undefined ? '' : `, ${usesLeft} left`}`;
  return kind === 'usr' ? `${user?.name ?? 'a user who is gone'}, ${user?.role ?? ''}` : `pipelines, ${role}`;
}
