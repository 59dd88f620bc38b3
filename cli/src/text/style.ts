import type { Stream, Terminal } from '../shell/terminal.js';

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

const wrap =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001B[${open}m${text}\u001B[${close}m`;
const coloured: Style = {
  bold: wrap(1, 22),
  dim: wrap(2, 22),
  good: wrap(32, 39),
  warn: wrap(33, 39),
  bad: wrap(31, 39),
};
const same = (text: string): string => text;
export const plain: Style = { bold: same, dim: same, good: same, warn: same, bad: same };

/** Colours only for a person: a terminal, and NO_COLOR (https://no-color.org) not set. Meaning never rests on colour alone. */
export function styleFor(terminal: Pick<Terminal, 'env'>, stream: Stream): Style {
  const refused = (terminal.env.NO_COLOR ?? '') !== '' || terminal.env.TERM === 'dumb';
  return stream.isTerminal && !refused ? coloured : plain;
}
