import { Invitation } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { table } from '../text/table.js';
import { formatAge } from '../text/units.js';

/** Lists the links that let people in, never their codes. */
export async function inviteLs(context: Context): Promise<void> {
  const { style, terminal } = context;
  const all = await context.lab.list<Invitation>('/api/v1/invitations', Invitation);
  context.answer(all, () =>
    all.length === 0
      ? 'no invitations\n'
      : table(
          all,
          [
            { title: 'Invitation', cell: (each) => each.id },
            { title: 'Name', cell: (each) => each.label },
            { title: 'Leads to', cell: (each) => each.path },
            { title: 'State', cell: (each) => stateOf(each, terminal.now()) },
            { title: 'Guests', align: 'right', cell: (each) => String(each.guests) },
            { title: 'By', cell: (each) => each.createdBy },
            { title: 'Made', cell: (each) => formatAge(each.createdAt, terminal.now()) },
            { title: 'Until', cell: (each) => `${each.expiresAt.slice(0, 16).replace('T', ' ')} UTC` },
          ],
          style,
        ),
  );
}

function stateOf({ revokedAt, expiresAt }: Invitation, nowMs: number): string {
  if (revokedAt) return 'revoked';
  return Date.parse(expiresAt) <= nowMs ? 'expired' : 'open';
}
