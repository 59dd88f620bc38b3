import { type ConsoleLine, type ConsoleState, inputText, type Me, outcomeText } from '@hilltop/contracts';
import { isOwn } from '../leases/lease-model.js';

/** A piece of the transcript as it is drawn. */
export type Block =
  | { readonly kind: 'out'; readonly key: string; readonly text: string; readonly dropped: number }
  | {
      readonly kind: 'in';
      readonly key: string;
      readonly text: string;
      readonly at: string;
      readonly owner: string;
      readonly name: string;
      readonly problem: string | undefined;
      readonly isOnItsWay: boolean;
    }
  | { readonly kind: 'mark'; readonly key: string; readonly text: string; readonly at: string };

/** Output that follows output is one text; what was typed stands between with its author. */
export function blocksOf(lines: readonly ConsoleLine[]): Block[] {
  const blocks: Block[] = [];
  for (const [i, line] of lines.entries()) {
    const last = blocks.at(-1);
    const key = String(line.order ?? `new-${i}`);
    if (line.kind === 'out') {
      const dropped = line.dropped ?? 0;
      if (last?.kind === 'out' && dropped === 0) blocks[blocks.length - 1] = { ...last, text: last.text + line.text };
      else blocks.push({ kind: 'out', key, text: line.text, dropped });
    } else if (line.kind === 'mark')
      blocks.push({ kind: 'mark', key, text: `${line.author?.name ?? 'Somebody'} ${line.text}`, at: line.at });
    else
      blocks.push({
        kind: 'in',
        key,
        text: inputText(line),
        at: line.at,
        owner: line.author?.owner ?? '',
        name: line.author?.name ?? 'Somebody',
        problem: outcomeText(line),
        isOnItsWay: line.outcome === 'sent',
      });
  }
  return blocks;
}

/** What the person at the screen may do with the keyboard, and why they may not type. */
export interface KeyboardView {
  /** `Ana has the keyboard`. */
  readonly title: string;
  readonly canType: boolean;
  /** Why not, in words. */
  readonly locked: string | undefined;
  /** One way to get it; `reserve` also takes it. */
  readonly way: 'reserve' | 'take' | 'ask' | undefined;
  /** Somebody asks, and this person answers. */
  readonly asker: string | undefined;
  /** This person asked; granted by itself then. */
  readonly askedUntil: string | undefined;
  readonly watching: string;
}

export function keyboardView(state: ConsoleState | undefined, me: Me | undefined): KeyboardView {
  const { holder, writer, ask, watchers = 0, measuring } = state ?? {};
  const isHolder = holder !== undefined && isOwn(holder, me);
  const isWriter = writer !== undefined && isOwn(writer, me);
  const isAsker = ask !== undefined && isOwn(ask.by, me);
  const title = isWriter
    ? 'You have the keyboard'
    : writer
      ? `${writer.name} has the keyboard`
      : 'Nobody has the keyboard';
  const locked = lockedBy();
  return {
    title,
    canType: isWriter && locked === undefined,
    locked,
    way: isWriter || isAsker ? undefined : !holder ? 'reserve' : isHolder ? 'take' : 'ask',
    asker: ask && isHolder && !isAsker ? ask.by.name : undefined,
    askedUntil: isAsker ? ask.grantedAt : undefined,
    watching: watchers === 1 ? '1 watching' : `${watchers} watching`,
  };

  function lockedBy(): string | undefined {
    if (!holder) return 'Who reserves the device may type.';
    if (measuring !== undefined) return `Typing would disturb the run that is measured (${measuring}).`;
    if (isWriter) return undefined;
    if (isHolder)
      return writer
        ? `You gave the keyboard to ${writer.name}; taking it back ends that.`
        : 'Take the keyboard to type.';
    return `${holder.name} holds the device; ask for the keyboard.`;
  }
}
