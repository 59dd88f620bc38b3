import { Reservation } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { told } from '../lab/leases.js';
import { leaseStateText, wishText } from '../text/lease-text.js';
import { table } from '../text/table.js';
import { formatAge, formatDuration } from '../text/units.js';

/** Lists leases and wishes, newest first. */
export async function reservations(context: Context): Promise<void> {
  const { options, style, terminal } = context;
  const all = await context.lab.list<Reservation>('/api/v1/leases', Reservation, {
    device: options.text('device'),
    holder: options.text('holder'),
    ...(options.flag('all') && { state: 'all' }),
  });
  const now = terminal.now();
  context.answer(all, () =>
    all.length === 0
      ? 'no reservations: every device is free for everybody\n'
      : table(
          all,
          [
            { title: 'State', cell: ({ state }) => leaseStateText(state, style) },
            { title: 'Device', cell: (each) => each.deviceName },
            { title: 'Wish', cell: wishText },
            { title: 'By', cell: ({ holder }) => holder.name },
            { title: 'For', align: 'right', cell: ({ forSeconds }) => formatDuration(forSeconds * 1000) },
            { title: 'What', cell: (each) => told(each, now) },
            { title: 'Asked by', cell: ({ ask, state }) => (state === 'ended' ? undefined : askText(ask)) },
            { title: 'Note', cell: ({ note }) => note },
            { title: 'Made', cell: ({ createdAt }) => formatAge(createdAt, now) },
            { title: 'Id', cell: ({ id }) => style.dim(id) },
          ],
          style,
        ),
  );
}

const askText = (ask: Reservation['ask']): string | undefined =>
  ask && `${ask.by.name}${ask.answer ? `: ${ask.answer}` : ''}`;
