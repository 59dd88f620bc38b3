import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../test/support/lab.js';
import { benches } from './benches.js';
import { type BenchRecord, formatted } from './report.js';

const begin = '<!-- results: begin -->';
const end = '<!-- results: end -->';

/** One line per kept result: its first figure and every other one that has a bound. */
function line(letter: string, record: BenchRecord): string {
  const bounded = record.figures.filter((figure, i) => i === 0 || figure.bound);
  const cell = (texts: readonly string[]): string => texts.join('<br>');
  const { cpu, cores, platform, node, loadAverage } = record.machine;
  return `| ${[
    `(${letter}) ${record.title}`,
    cell(bounded.map((figure) => `${figure.what}: **${formatted(figure)}**`)),
    cell(bounded.map((figure) => (figure.bound ? `${figure.bound.op} ${figure.bound.value}` : ''))),
    record.outcome,
    `\`${record.command}\``,
    record.startedAt.slice(0, 16).replace('T', ' '),
    `${cpu}, ${cores} cores, ${platform}, Node ${node}; load ${loadAverage[0]!.toFixed(1)} before, ${record.loadAverageAfter[0]!.toFixed(1)} after`,
  ].join(' | ')} |`;
}

/** Writes the kept results into the README, between its marks: no figure there was typed by hand. */
export function updateReadme(): string {
  const path = join(root, 'bench', 'README.md');
  const lines = Object.entries(benches).flatMap(([letter, { name }]) => {
    const file = join(root, 'bench', 'results', `${name}.json`);
    return existsSync(file) ? [line(letter, JSON.parse(readFileSync(file, 'utf8')) as BenchRecord)] : [];
  });
  const table = [
    '| bench | figure | bound | outcome | command | date (UTC) | machine |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
  const text = readFileSync(path, 'utf8');
  const [before, after] = [text.indexOf(begin), text.indexOf(end)];
  if (before < 0 || after < before) throw new Error('the README has no marks for the results');
  writeFileSync(path, `${text.slice(0, before + begin.length)}\n${table}\n${text.slice(after)}`);
  return table;
}
