import type { Context } from '../context.js';

/** Revokes a token; it stops working at once. */
export async function tokenRevoke(context: Context): Promise<void> {
  const id = context.positionals[0]!;
  await context.lab.delete(`/api/v1/tokens/${encodeURIComponent(id)}`);
  context.answer({ revoked: id }, () => `${id} is revoked\n`);
}
