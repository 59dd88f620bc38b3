import { LabError, leaseEnds, Reservation } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { waitText } from '../text/lease-text.js';
import { followTopic } from './follow.js';
import { actOn } from './leases.js';

/**
 * Waits in the queue until the device is mine, and takes it. Throws `lease.ended` with the reason when the wish ended
 * otherwise, `run.cancelled` when the person stops waiting; the place in the queue stays.
 */
export async function waitForLease(context: Context, id: string): Promise<Reservation> {
  const { lab, terminal } = context;
  for (;;) {
    let said = '';
    await followTopic({
      address: { url: lab.url, ...(lab.token && { token: lab.token }) },
      topic: 'lab',
      signal: terminal.signal,
      onChanges: (_changes, entities) => {
        const wish = entities.reservation.get(id);
        if (wish?.state !== 'queued') return;
        const text = waitText(wish, [...entities.reservation.values()], terminal.now());
        if (text !== said) context.say(text);
        said = text;
      },
      onLink: (link) => {
        if (link === 'down') context.say('connection lost; it comes back by itself');
      },
      until: (entities) =>
        entities.reservation.get(id) !== undefined && entities.reservation.get(id)!.state !== 'queued',
    });
    if (terminal.signal.aborted)
      throw new LabError('run.cancelled', `stopped waiting; your place stays until \`hilltop release ${id}\``);
    const now = await lab.get(`/api/v1/leases/${id}`, Reservation);
    if (now.state === 'granted') return actOn(context, now, 'take');
    if (now.state === 'held' || now.state === 'ending') return now;
    if (now.state === 'ended')
      throw new LabError('lease.ended', `the wish has ended: ${now.ended ? leaseEnds[now.ended.reason] : ''}`, {
        reservation: now,
      });
  }
}
