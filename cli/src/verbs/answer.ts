import { LeaseAnswer, leaseAnswers } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { actOn, myReservation, told } from '../lab/leases.js';
import { usageError } from '../shell/usage-error.js';

/** Answers who asked for a device. */
export async function answer(context: Context): Promise<void> {
  const now = context.terminal.now();
  const [wanted = '', word = ''] = context.positionals;
  const reply = LeaseAnswer.safeParse(word);
  if (!reply.success) throw usageError(`"${word}" is no answer: ${leaseAnswers.join(', ')}.`);
  const mine = await myReservation(context.lab, wanted, now);
  const answered = await actOn(context, mine, 'answer', { answer: reply.data });
  context.answer(answered, () => `${answered.deviceName}: ${told(answered, now)}\n`);
}
