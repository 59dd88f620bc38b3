// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character starts a colour.
const colours = /\u001B\[\d+m/g;
const combining = /\p{Mark}|\u200D/u;
/** East Asian wide and full-width blocks, and emoji: two columns each (Unicode TR 11, coarse). */
const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;

/** Columns that a text takes in a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(colours, ''))
    width += combining.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
}

/** Pads to a number of columns; longer text stays as it is. */
export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}
