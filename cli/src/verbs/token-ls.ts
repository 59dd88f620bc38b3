import { Token } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { table } from '../text/table.js';
import { formatAge } from '../text/units.js';
import { labelsText } from './devices.js';

/** Lists tokens: what they are for and whether they still work, never the secret. */
export async function tokenLs(context: Context): Promise<void> {
  const { style, terminal } = context;
  const all = await context.lab.list<Token>('/api/v1/tokens', Token);
  context.answer(all, () =>
    all.length === 0
      ? 'no tokens\n'
      : table(
          all,
          [
            { title: 'Token', cell: (token) => token.id },
            { title: 'Kind', cell: (token) => token.kind },
            { title: 'Name', cell: (token) => token.name },
            { title: 'Whose', cell: (token) => token.user?.name },
            { title: 'Role', cell: (token) => token.role ?? token.user?.role },
            { title: 'State', cell: (token) => stateOf(token, terminal.now()) },
            {
              title: 'Uses left',
              align: 'right',
              cell: (token) => (token.usesLeft === undefined ? undefined : String(token.usesLeft)),
            },
            { title: 'Labels', cell: (token) => token.labels && labelsText(token.labels) },
            { title: 'Made', cell: (token) => formatAge(token.createdAt, terminal.now()) },
            { title: 'Last used', cell: (token) => token.lastUsedOn },
          ],
          style,
        ),
  );
}

function stateOf(token: Token, nowMs: number): string {
  if (token.revokedAt) return 'revoked';
  if (token.usesLeft === 0) return 'spent';
  return token.expiresAt && Date.parse(token.expiresAt) < nowMs ? 'expired' : 'good';
}
