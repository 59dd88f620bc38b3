import { SessionCode } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { openBrowser } from '../local/browser.js';

/** Opens the dashboard, signed in by a one-time code; prints the address where there is no display. */
export async function open(context: Context): Promise<void> {
  const { url: signInUrl, expiresAt } = await context.lab.post('/api/v1/sessions/codes', {}, SessionCode);
  const opened = openBrowser(signInUrl, context.terminal);
  context.answer({ signInUrl, expiresAt, opened }, () => (opened ? `opened ${context.lab.url}\n` : `${signInUrl}\n`));
  if (!opened) context.say(`The address works once, until ${expiresAt.slice(11, 16)} UTC.`);
}
