import { type InvitationCreate, InvitationCreated } from '@hilltop/contracts';
import type { Context } from '../context.js';
import type { Options } from '../shell/options.js';
import { usageError } from '../shell/usage-error.js';

/** Makes a link that lets people in to watch, and shows it, once. */
export async function invite(context: Context): Promise<void> {
  const wish = invitationWish(context.positionals[0], context.options);
  const made = await context.lab.post('/api/v1/invitations', wish, InvitationCreated);
  const { id, expiresAt } = made.invitation;
  context.answer(made, () => `${made.url}\n`);
  context.say(
    `Whoever has it watches until ${expiresAt.slice(0, 16).replace('T', ' ')} UTC. It is shown this once. End it: hilltop invite revoke ${id}`,
  );
}

/** Throws `usage.invalid` for what is no path of a page. */
export function invitationWish(path: string | undefined, options: Options): InvitationCreate {
  if (path !== undefined && !/^\/(?![/\\])\S*$/.test(path))
    throw usageError(`"${path}" is not a page of the lab such as /models/net.`);
  const [seconds, label] = [options.duration('for'), options.text('name')];
  return {
    ...(path !== undefined && { path }),
    ...(seconds !== undefined && { expiresInHours: seconds / 3600 }),
    ...(label !== undefined && { label }),
  };
}
