import { Lab, LabError, type Role, roles, type TokenCreate, TokenCreated, tokenKinds, User } from '@hilltop/contracts';
import type { Context } from '../context.js';
import type { LabClient } from '../lab/client.js';
import { usageError } from '../shell/usage-error.js';

/** Makes a token and shows it, once; for a device also the lines to paste there. */
export async function tokenCreate(context: Context): Promise<void> {
  const { options, lab } = context;
  const kind = options.choice('kind', tokenKinds) ?? 'join';
  const role = options.choice('role', roles);
  const wantedUser = options.text('user');
  if (wantedUser !== undefined && kind !== 'usr') throw usageError('--user goes with --kind usr.');
  if (role && kind !== 'svc' && wantedUser === undefined) {
    throw usageError('--role goes with --kind svc, or with --kind usr --user U for somebody new.');
  }
  const [name, ttlSeconds, uses, labels] = [
    options.text('name'),
    options.duration('ttl'),
    options.integer('uses', 1),
    options.labels(),
  ];
  if (kind !== 'join' && (uses !== undefined || Object.keys(labels).length > 0))
    throw usageError('--uses and -l go with --kind join.');
  const userId = wantedUser === undefined ? undefined : (await userNamed(lab, wantedUser, role)).id;
  const request: TokenCreate = {
    kind,
    ...(name && { name }),
    ...(userId && { userId }),
    ...(kind === 'svc' && role && { role }),
    ...(ttlSeconds !== undefined && { ttlSeconds }),
    ...(uses !== undefined && { uses }),
    ...(Object.keys(labels).length > 0 && { labels }),
  };
  const created = await lab.post('/api/v1/tokens', request, TokenCreated);
  if (kind !== 'join')
    return context.answer(
      created,
      () => `${created.secret}\nIt is shown this once. Revoke it: hilltop token revoke ${created.token.id}\n`,
    );
  const info = await lab.get('/api/v1/lab', Lab);
  const lines = joinLines(info, lab.url, created.secret);
  context.answer({ ...created, lines }, () => joinText(created, lines));
  if (isLoopback(outsideUrl(info, lab.url))) {
    context.say('Other machines cannot reach this lab yet: start it with `hilltop up --listen 0.0.0.0`.');
  }
}

/** The user of this name; made with the role when there is none. Throws `request.not-found` without a role. */
async function userNamed(lab: LabClient, name: string, role: Role | undefined): Promise<User> {
  const users = await lab.list<User>('/api/v1/users', User);
  const known = users.find((user) => user.name === name || user.id === name);
  if (known && role && known.role !== role)
    throw usageError(`${name} is a user already, with the role ${known.role}: leave --role out.`);
  if (known) return known;
  if (role) return lab.post('/api/v1/users', { name, role }, User);
  throw new LabError('request.not-found', `there is no user "${name}": --role viewer, operator or admin makes one`);
}

/** The two lines that turn a machine with Node into a device. */
export function joinLines(
  lab: Pick<Lab, 'urls' | 'agentPackage'>,
  url: string,
  secret: string,
): [install: string, serve: string] {
  const address = outsideUrl(lab, url);
  return [
    `npm install -g ${new URL(lab.agentPackage, `${address}/`).href}`,
    `hilltop-agent ${address} --token ${secret}`,
  ];
}

/** The lab's address as other machines see it. */
function outsideUrl(lab: Pick<Lab, 'urls'>, url: string): string {
  if (!isLoopback(url)) return url;
  return (lab.urls.find((candidate) => !isLoopback(candidate)) ?? url).replace(/\/+$/, '');
}

const isLoopback = (url: string): boolean =>
  URL.canParse(url) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);

function joinText({ secret, token }: TokenCreated, lines: readonly string[]): string {
  const until = token.expiresAt ? ` until ${token.expiresAt.slice(0, 16).replace('T', ' ')} UTC` : '';
  const uses = token.usesLeft === 1 || token.usesLeft === undefined ? 'one agent' : `${token.usesLeft} agents`;
  return `${secret}\n\nGood for ${uses}${until}. On the device (Node 20.19 or newer, 64 bit):\n\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
