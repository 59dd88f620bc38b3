import { Subscription } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { table } from '../text/table.js';
import { formatAge } from '../text/units.js';

/** Lists who is told of what. */
export async function notifyLs(context: Context): Promise<void> {
  const { style, terminal } = context;
  const all = await context.lab.list<Subscription>('/api/v1/subscriptions', Subscription);
  context.answer(all, () =>
    all.length === 0
      ? 'nobody is told; `hilltop notify add` changes that\n'
      : table(
          all,
          [
            { title: 'Name', cell: ({ name }) => name },
            { title: 'Where', cell: ({ to }) => (to.kind === 'webhook' ? to.url : to.folder) },
            { title: 'On', cell: ({ on }) => on.join(', ') },
            { title: 'State', cell: stateOf },
            { title: 'Waiting', align: 'right', cell: ({ waiting }) => (waiting > 0 ? String(waiting) : undefined) },
            { title: 'Delivered', cell: ({ deliveredAt }) => deliveredAt && formatAge(deliveredAt, terminal.now()) },
          ],
          style,
        ),
  );
}

function stateOf({ disabled, failures, lastError }: Subscription): string {
  if (disabled) return `given up: ${disabled.reason}`;
  return failures > 0 ? `failed ${failures} times: ${lastError ?? ''}` : 'good';
}
