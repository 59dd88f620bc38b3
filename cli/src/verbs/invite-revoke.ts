import type { Context } from '../context.js';

/** Ends a link; its guests are out at once. */
export async function inviteRevoke(context: Context): Promise<void> {
  const id = context.positionals[0]!;
  await context.lab.delete(`/api/v1/invitations/${encodeURIComponent(id)}`);
  context.answer({ revoked: id }, () => `${id} is revoked; its guests are out\n`);
}
