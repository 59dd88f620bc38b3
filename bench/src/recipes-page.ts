import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recipeFiles } from '@hilltop/compression';
import { root } from '../../test/support/lab.js';
import type { ModelRow, RecipeRow, RecipesRaw } from './recipes.js';

const begin = '<!-- results: begin -->';
const end = '<!-- results: end -->';

const kilobytes = (bytes: number): string => `${(bytes / 1000).toPrecision(3)} kB`;
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function quality(row: RecipeRow): string {
  const { accuracy, comparison, agreement, sqnrDb } = row;
  if (accuracy && comparison) {
    const { value, low, high } = comparison.difference;
    const signed = (v: number): string => `${v >= 0 ? '+' : ''}${(100 * v).toFixed(2)}`;
    return `${percent(accuracy.value)} (${signed(value)}; ${signed(low)} to ${signed(high)})`;
  }
  return [agreement && `${percent(agreement.value)} agree`, sqnrDb && `${sqnrDb.value.toFixed(1)} dB`]
    .filter(Boolean)
    .join(', ');
}

function line(row: RecipeRow, model: ModelRow): string {
  const title = `\`${row.recipe}\``;
  if (row.error)
    return `| ${title} | | | | | | refused: ${row.error.code}: ${row.error.message.replaceAll('|', '\\|')} |`;
  const speedup = row.speedup!;
  return `| ${[
    title,
    `${kilobytes(row.bytes!)} (${(model.bytes / row.bytes!).toFixed(1)}x)`,
    `${kilobytes(row.compressedBytes!)} (${(model.bytes / row.compressedBytes!).toFixed(1)}x)`,
    row.macs === undefined || model.macs === undefined || row.macs === 0
      ? ''
      : `${(model.macs / row.macs).toFixed(1)}x`,
    quality(row),
    `${speedup.value.toFixed(2)}x (${speedup.low.toFixed(2)} to ${speedup.high.toFixed(2)})`,
    row.notes.filter((note) => note.endsWith('changed nothing')).join('; '),
  ].join(' | ')} |`;
}

function section(model: ModelRow, rows: readonly RecipeRow[]): string {
  const accuracy = model.accuracy ? `, accuracy ${percent(model.accuracy.value)}` : '';
  return [
    `### ${model.model}`,
    '',
    `${kilobytes(model.bytes)} (${kilobytes(model.compressedBytes)} compressed), ${model.parameters.toLocaleString('en')} parameters${model.macs ? `, ${model.macs.toLocaleString('en')} MACs` : ''}${accuracy}; ${model.data}; ${model.latencyMs?.toFixed(3)} ms on one thread.`,
    '',
    `| recipe | size | compressed (zstd 19) | fewer MACs | ${model.accuracy ? 'accuracy (points against fp32; 95 %)' : 'against fp32'} | faster (95 %) | |`,
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => line(row, model)),
  ].join('\n');
}

function catalogue(): string {
  return [
    '| recipe | risk | passes | what to expect |',
    '| --- | --- | --- | --- |',
    ...recipeFiles.map(
      ({ name, risk, steps, description }) =>
        `| \`${name}\` | ${risk ?? ''} | ${steps.map(({ pass }) => pass).join(', ') || 'none'} | ${description.replaceAll('|', '\\|')} |`,
    ),
  ].join('\n');
}

/** Writes what was measured into docs/recipes.md, between its marks. */
export function updateRecipesPage(raw: RecipesRaw): void {
  const path = join(root, 'docs', 'recipes.md');
  const text = readFileSync(path, 'utf8');
  const [before, after] = [text.indexOf(begin), text.indexOf(end)];
  if (before < 0 || after < before) throw new Error('docs/recipes.md has no marks for the results');
  const sections = raw.models.map((model) =>
    section(
      model,
      raw.rows.filter((row) => row.model === model.model),
    ),
  );
  const made = ['## The recipes', '', catalogue(), '', '## Measured', '', sections.join('\n\n')].join('\n');
  writeFileSync(path, `${text.slice(0, before + begin.length)}\n${made}\n${text.slice(after)}`);
}
