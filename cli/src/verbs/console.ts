import { ConsoleDocument } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findDevice } from '../lab/find.js';
import { followTopic } from '../lab/follow.js';

/** What a device printed lately; with --watch also what it prints from now on, until Ctrl-C. */
export async function console(context: Context): Promise<void> {
  const { lab, options, terminal } = context;
  const device = await findDevice(lab, context.positionals[0]!);
  const before = async (): Promise<void> => {
    const { text, dropped } = await lab.get(`/api/v1/devices/${device.id}/console`, ConsoleDocument);
    context.event({ deviceId: device.id, text, dropped }, () => shown(text, dropped));
    if (text === '') context.say(`${device.name} has printed nothing since the lab started`);
  };
  if (!options.flag('watch')) return before();
  // Following begins first: what is printed meanwhile waits until the text before it is there.
  let ready: Promise<void> | undefined;
  await followTopic({
    address: context.address,
    topic: `device/${device.id}`,
    signal: terminal.signal,
    onChanges: () => {
      ready ??= before();
      ready.catch(() => context.say('what it printed before could not be read'));
    },
    onConsole: (event) => {
      if (event.deviceId !== device.id) return;
      void ready?.then(() => context.event(event, () => shown(event.text, event.dropped ?? 0)));
    },
    onLink: (link) =>
      context.say(link === 'up' ? `following ${device.name}` : 'connection lost; it comes back by itself'),
  });
}

/** A terminal obeys control characters; a board's are not meant for it. */
export function shown(text: string, dropped: number): string {
  const safe = text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
  return (dropped > 0 ? `[${dropped} characters are not here]\n` : '') + safe;
}
