import { plainText } from './markup.js';

/**
 * Text for GitHub's Markdown that shows as it is, in a line and in a cell of a table: no markup, no HTML, no mention of people or
 * issues, no links.
 */
export const markdownText = (text: string): string =>
  plainText(text)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>|~$]/g, '\\$&')
    .replace(/&/g, '&amp;')
    // At the start of a line these would begin a list, a heading or a rule.
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/^[-+#=]/, '\\$&')
    // GitHub looks for these after the escapes are gone: a space without width breaks them.
    .replace(/@(?=\w)|#(?=\d)|\bGH-(?=\d)/gi, '$&&#8203;')
    .replace(/:(?=\/\/)|\bwww(?=\.)|\b(?:mailto|xmpp)(?=:)/gi, '$&&#8203;');

/** Identifiers as code; a backtick or a bar would end it. */
export const markdownCode = (text: string): string =>
  `\`${
    plainText(text)
      .replace(/[\s`|]+/g, ' ')
      .trim() || ' '
  }\``;

/** A table of cells that are Markdown already; `right`: columns of numbers. */
export function markdownTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heading), line(heading.map((_, i) => (right.includes(i) ? '---:' : '---'))), ...rows.map(line)].join(
    '\n',
  );
}

/** What is behind a click on GitHub. */
export const markdownDetails = (summary: string, body: string): string =>
  `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
