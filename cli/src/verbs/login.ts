import { Me } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { credentialsFile, rememberLab } from '../lab/credentials.js';
import { usageError } from '../shell/usage-error.js';

/** Checks a token at a lab and remembers both for this person. */
export async function login(context: Context): Promise<void> {
  const { terminal, options } = context;
  const given = context.positionals[0]!;
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw usageError(`"${given}" is not the address of a lab, such as http://lab:7070.`);
  const token = options.text('token') ?? terminal.env.HILLTOP_TOKEN;
  if (!token)
    throw usageError('`hilltop login` needs --token T; an operator makes one with `hilltop token create --kind usr`.');
  const url = given.replace(/\/+$/, '');
  const me = await context.labAt({ url, token }).get('/api/v1/me', Me);
  rememberLab(terminal, url, token);
  context.answer(
    { url, ...me },
    () => `signed in to ${url} as ${me.user?.name ?? 'a service'} (${me.role}); kept in ${credentialsFile(terminal)}\n`,
  );
}
