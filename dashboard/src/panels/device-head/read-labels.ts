import { type Labels, parseLabels } from '@hilltop/contracts';

export type ReadLabels =
  | { readonly labels: Labels; readonly error?: undefined }
  | { readonly labels?: undefined; readonly error: string };

/** Labels of a text with one a line, and what cannot be read. Pure. */
export function readLabels(text: string): ReadLabels {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  try {
    return { labels: parseLabels(lines) };
  } catch {
    const bad = lines.find((line) => line.indexOf('=') < 1);
    return { error: bad === undefined ? 'A label is key=value.' : `"${bad}" is not key=value.` };
  }
}
