/** HTML or XML that may stand as it is. Made by `markup` only, so that nothing gets in unescaped. */
export class Markup {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

export type Content = Markup | string | number | undefined | false | readonly Content[];

/** Markup with values in it: text is escaped, markup and lists of it stand as they are, `undefined` and `false` are nothing. */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.reduce((text, part, i) => `${text}${textOf(values[i - 1])}${part}`));
}

function textOf(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(textOf).join('');
  return escapeMarkup(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For element content and for quoted attributes, of HTML and of XML 1.0 alike. */
const escapeMarkup = (text: string): string => plainText(text).replace(/[&<>"']/g, (character) => entities[character]!);

/**
 * Without what XML 1.0 cannot hold (control characters, halves of pairs) and what turns the reading direction of its
 * surroundings: each is shown as U+FFFD.
 */
export const plainText = (text: string): string =>
  text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, '\ufffd');
