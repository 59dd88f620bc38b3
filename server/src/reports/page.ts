import { type Content, Markup, markup } from './markup.js';
import { pageStyle } from './page-style.js';

/** Nothing is fetched, no script runs: also where the file is opened from a disk. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A whole HTML page in one file. */
export function page({ title, body }: { readonly title: string; readonly body: Content }): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>
${new Markup(pageStyle)}
</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.text;
}

/** Column of a table: numbers stand to the right. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => Content;
  readonly align?: 'right';
  /** `why`: prose, with room; `w`: stays in one line. */
  readonly kind?: 'why' | 'w';
}

/** A table with a caption for those who do not see its place; the first column names the rows. */
export function table<T>(caption: string, rows: readonly T[], columns: readonly Column<T>[]): Markup {
  const classOf = ({ align, kind }: Column<T>): Content =>
    align ? markup` class="n"` : kind ? markup` class="${kind}"` : undefined;
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${columns.map(
    (column) => markup`<th scope="col"${classOf(column)}>${column.title}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (row) =>
      markup`<tr>${columns.map((column, i) =>
        i === 0
          ? markup`<th scope="row"${classOf(column)}>${column.cell(row)}</th>`
          : markup`<td${classOf(column)}>${column.cell(row)}</td>`,
      )}</tr>
`,
  )}</tbody></table></div>`;
}

/** A second line in a cell. */
export const small = (text: string | undefined): Content => text !== undefined && markup`<small>${text}</small>`;

/** `open`: where it is what decides. */
export const details = (summary: string, body: Content, { open = false }: { readonly open?: boolean } = {}): Markup =>
  markup`<details${open && markup` open`}><summary>${summary}</summary>${body}</details>`;

const shapes = {
  improved: 'M12 2l9 11h-5.5v9h-7v-9H3z',
  same: 'M2 7h20v4H2zm0 7h20v4H2z',
  worse: 'M12 2l11 20H1zM10.8 9l.5 7h1.4l.5-7zM11 17.4h2v2h-2z',
  failed: 'M5 2L2 5l7 7-7 7 3 3 7-7 7 7 3-3-7-7 7-7-3-3-7 7z',
  inconclusive: 'M12 1l11 11-11 11L1 12zM10.9 6l.4 8h1.4l.4-8zM11 15.4h2v2h-2z',
  neutral: 'M9.5 21L1 12.5l3-3 5.5 5.5L20 4.5l3 3z',
} as const;
export type Tone = keyof typeof shapes;

/** A tone's shape: never colour alone. */
export const shape = (tone: Tone): Markup =>
  markup`<svg viewBox="0 0 24 24" aria-hidden="true"><path fill-rule="evenodd" d="${shapes[tone]}"/></svg>`;

export const tag = (tone: Tone, text: string): Markup => markup`<span class="tag ${tone}">${shape(tone)}${text}</span>`;
