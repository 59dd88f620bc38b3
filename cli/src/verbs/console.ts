import { ConsoleDocument, type ConsoleLine, type Device, inputText, outcomeText } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findDevice } from '../lab/find.js';
import { followTopic } from '../lab/follow.js';
import { keyboardOf } from '../lab/keyboard.js';

/** The console of a board: what was printed and typed; in a terminal, what you type goes to the board until Ctrl-C. */
export async function console(context: Context): Promise<void> {
  const { lab, options, terminal } = context;
  const device = await findDevice(lab, context.positionals[0]!);
  const line = options.text('type');
  if (line !== undefined) return keyboardOf(context, device).enter(line);
  const lines = options.flag('watch') || context.json ? undefined : terminal.lines;
  if (lines === undefined && !options.flag('watch')) return before(context, device);
  if (lines !== undefined) void typeAll(context, device, lines());
  await follow(context, device);
}

async function before(context: Context, device: Device): Promise<void> {
  const document = await context.lab.get(`/api/v1/devices/${device.id}/console`, ConsoleDocument);
  const { text, dropped, lines } = document;
  context.event({ deviceId: device.id, ...document }, () =>
    lines.length > 0 ? lines.map(lineText).join('') : shown(text, dropped),
  );
  if (text === '' && lines.length === 0) context.say(`${device.name} has printed nothing yet`);
}

async function follow(context: Context, device: Device): Promise<void> {
  // Following begins first: what is printed meanwhile waits until the text before it is there.
  let ready: Promise<void> | undefined;
  await followTopic({
    address: context.address,
    topic: `device/${device.id}`,
    signal: context.terminal.signal,
    onChanges: () => {
      ready ??= before(context, device);
      ready.catch(() => context.say('what it printed before could not be read'));
    },
    onConsole: (event) => {
      if (event.deviceId !== device.id) return;
      const { line } = event;
      void ready?.then(() => {
        // A line is told when it is accepted, and again with what became of it.
        const problem = line && outcomeText(line);
        if (problem !== undefined) context.say(`${inputText(line!)}: ${problem}`);
        else if (line === undefined || line.outcome === 'sent')
          context.event(event, () => (line ? lineText(line) : shown(event.text, event.dropped ?? 0)));
      });
    },
    onLink: (link) =>
      context.say(link === 'up' ? `following ${device.name}` : 'connection lost; it comes back by itself'),
  });
}

async function typeAll(context: Context, device: Device, lines: AsyncIterable<string>): Promise<void> {
  const keyboard = keyboardOf(context, device);
  for await (const line of lines)
    await keyboard.enter(line).catch((error: Error) => context.say(`not typed: ${error.message}`));
}

/** A piece of the transcript; what somebody typed begins with their name. */
function lineText(line: ConsoleLine): string {
  const author = line.author?.name ?? 'somebody';
  switch (line.kind) {
    case 'out':
      return shown(line.text, line.dropped ?? 0);
    case 'mark':
      return shown(`-- ${author} ${line.text}\n`, 0);
    case 'in': {
      const problem = outcomeText(line);
      return shown(`${author}> ${inputText(line)}${problem === undefined ? '' : ` (${problem})`}\n`, 0);
    }
  }
}

/** A terminal obeys control characters; a board's are not meant for it. */
export function shown(text: string, dropped: number): string {
  const safe = text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
  return (dropped > 0 ? `[${dropped} characters are not here]\n` : '') + safe;
}
