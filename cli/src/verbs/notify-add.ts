import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorText, newsKinds, Subscription, type SubscriptionCreate, WebhookSecret } from '@hilltop/contracts';
import type { Context } from '../context.js';
import type { Options } from '../shell/options.js';
import { usageError } from '../shell/usage-error.js';

const kinds = newsKinds.filter((kind) => kind !== 'test');

/** Tells a webhook or a folder what is new. The secret comes from a file: command lines are seen by others and kept by shells. */
export async function notifyAdd(context: Context): Promise<void> {
  const { options, lab } = context;
  const on = onOf(options);
  const request: SubscriptionCreate = {
    name: context.positionals[0]!,
    ...(await destination(context)),
    ...(on.length > 0 && { on }),
  };
  const made = await lab.post('/api/v1/subscriptions', request, Subscription);
  context.answer(
    made,
    () => `${made.name} is told of ${made.on.join(', ')}; try it: hilltop notify test ${made.name}\n`,
  );
}

async function destination({ options, terminal }: Context): Promise<Pick<SubscriptionCreate, 'to' | 'secret'>> {
  const [url, folder, secretFile] = [options.text('url'), options.text('folder'), options.text('secret-file')];
  if ((url === undefined) === (folder === undefined)) throw usageError('`hilltop notify add` needs --url or --folder.');
  if (folder !== undefined) {
    if (secretFile !== undefined) throw usageError('--secret-file goes with --url.');
    return { to: { kind: 'folder', folder } };
  }
  if (secretFile === undefined) throw usageError('--url needs --secret-file FILE.');
  return { to: { kind: 'webhook', url: url! }, secret: await secretIn(resolve(terminal.cwd, secretFile)) };
}

async function secretIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw usageError(`${file} cannot be read: ${errorText(error)}.`);
  });
  const secret = WebhookSecret.safeParse(text);
  if (secret.success) return secret.data;
  throw usageError(
    `${file} must hold whsec_ and 24 to 64 bytes in base64: echo "whsec_$(openssl rand -base64 32)" > ${file}`,
  );
}

function onOf(options: Options): Array<(typeof kinds)[number]> {
  return options
    .texts('on')
    .flatMap((text) => text.split(','))
    .map((word) => {
      const kind = kinds.find((known) => known === word.trim());
      if (!kind) throw usageError(`--on "${word}" is none of ${kinds.join(', ')}.`);
      return kind;
    });
}
