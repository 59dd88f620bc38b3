import { mulberry32, Report } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { reportWriters } from './report-file.js';
import { reportHtml } from './report-html.js';
import { reportJunit } from './report-junit.js';
import { reportMarkdown } from './report-markdown.js';
import { sampleGate, sampleReport } from './testing/sample-report.js';
import { hostile, renamed, skeleton } from './testing/skeleton.js';
import { volumeSeries, volumeSvg } from './volume-svg.js';

const gated = sampleReport({ gate: sampleGate() });
/** What Markdown takes as it is: escaped marks, and code. */
const literal = /\\[!-/:-@[-`{-~]|`[^`\n]*`/g;
const count = (text: string, pattern: RegExp): number => (text.match(pattern) ?? []).length;
/** Text of a table of the page by its caption, row by row. */
const rowsOf = (html: string, caption: string): string[] => {
  const table = html.split('<table>').find((part) => part.includes(`<caption>${caption}</caption>`)) ?? '';
  return [...table.split('</table>')[0]!.matchAll(/<tr>(.*?)<\/tr>/gs)]
    .slice(1)
    .map((row) => row[1]!.replace(/<[^>]+>/g, ' '));
};

describe('reports', () => {
  it('[REP-1] the page is one file: no script, and nothing that is fetched', () => {
    for (const html of [reportHtml(gated), reportHtml(sampleReport())]) {
      expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
      expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'`);
      expect(count(html, /<script|<link|<img|<iframe|@import|\bsrc=|\bhref=|https?:|\bon\w+=/gi)).toBe(0);
      // Parts of the page itself only: patterns and clips of its pictures.
      for (const [, url] of html.matchAll(/url\(([^)]*)\)/g)) expect(html).toContain(`id="${url!.slice(1)}"`);
    }
  });

  it('[REP-2] whatever things are called, page and XML keep their structure (seeded)', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const names = mulberry32(seed);
      const text = hostile(names);
      const evil = renamed(gated, () => text);
      const tame = renamed(gated, () => 'x'.repeat(text.length));
      for (const write of [reportHtml, reportJunit])
        expect([seed, skeleton(write(evil))]).toEqual([seed, skeleton(write(tame))]);
      expect(reportJunit(evil)).not.toMatch(
        // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 cannot hold them
        /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}|&(?!(?:amp|lt|gt|quot|#39);)/u,
      );
    }
  });

  it('[REP-3] whatever things are called, Markdown keeps its lines, cells and tags, and nobody is called (seeded)', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const text = hostile(mulberry32(seed));
      const shape = (markdown: string): unknown =>
        markdown.split('\n').map((line) => {
          const bare = line.replace(literal, '');
          return [count(bare, /\|/g), skeleton(bare), count(bare, /[*[\]]/g)];
        });
      const [evil, tame] = [(name: string) => name && text, () => 'x'].map((name) =>
        reportMarkdown(renamed(gated, name)),
      ) as [string, string];
      expect([seed, shape(evil)]).toEqual([seed, shape(tame)]);
      const outside = evil.replaceAll('&#8203;', '\u200b').replace(/`[^`\n]*`|\\[!-/:-@[-`{-~]/g, '');
      expect([seed, outside.match(/@\w|#\d|:\/\/|www\.|<(?!\/?(?:details|summary|sub|br)>)/g)]).toEqual([seed, null]);
    }
  });

  it('[REP-4] the page says the verdict first, then what changed, worst first; the rest is behind a click', () => {
    const html = reportHtml(gated);
    const places = [
      'class="verdict worse"',
      'id="changes"',
      'id="ship"',
      'id="frontier"',
      'id="trials"',
      'id="environment"',
    ].map((part) => html.indexOf(part));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    const news = rowsOf(html, 'Results that changed or are not decided');
    expect(
      news.map((row) => ['worse', 'inconclusive', 'improved'].find((verdict) => row.includes(` ${verdict} `))),
    ).toEqual(['worse', 'inconclusive', 'inconclusive', 'improved']);
    expect(rowsOf(html, 'Results that are the same or accepted')).toHaveLength(14);
  });

  it('[REP-5] each frontier is a picture with a name, its intervals and the baseline, and a table with every point', () => {
    const html = reportHtml(gated);
    for (const [i, device] of ['bench-pi', 'pico (emulated)'].entries()) {
      const figure = html.split(`aria-labelledby="frontier-${i}-title`)[1]!.split('</svg>')[0]!;
      expect({
        named: figure.includes(`<title id="frontier-${i}-title">`),
        marks: count(figure, /class="mark"/g),
        bars: count(figure, /class="bar"/g),
        ghost: count(figure, /class="ghost"/g),
        ring: count(figure, /class="ring"/g),
        points: rowsOf(html, `Points of the frontier of ${device}`).length,
      }).toEqual({ named: true, marks: 9, bars: 12, ghost: i === 0 ? 1 : 0, ring: 1, points: 9 });
    }
    expect(html).toContain('@media (prefers-color-scheme:dark)');
    expect(html).toContain('@media print');
  });

  it('[REP-6] trials that turned out best stand with why they were tried; failures with their codes', () => {
    const html = reportHtml(gated);
    const best = rowsOf(html, 'Trials that turned out best');
    expect(best).toHaveLength(12);
    expect(best.findIndex((row) => row.includes('dominated'))).toBeGreaterThan(
      best.findLastIndex((row) => / on\s*$/.test(row)),
    );
    expect(rowsOf(html, 'Trials that failed')).toEqual([expect.stringContaining('plan.unsupported')]);
    const series = volumeSeries(gated.trials);
    expect(series.map(({ label, steps }) => [label, steps.length])).toEqual([
      ['bench-pi', 9],
      ['pico', 8],
    ]);
    expect(volumeSvg([], { id: 'v', title: 'none' })).toBeUndefined();
  });

  it('[REP-7] the environment says what the harness itself costs, and what was not measured', () => {
    const [pi, pico] = rowsOf(reportHtml(gated), 'Devices');
    expect([pi, pico]).toEqual([expect.stringMatching(/21\.0.*195 times/s), expect.stringContaining('not measured')]);
  });

  it('[REP-8] JUnit has a case a row: worse fails, inconclusive and missing are skipped, accepted passes', () => {
    const xml = reportJunit(gated);
    expect(xml).toContain('tests="19" failures="1" errors="0" skipped="3"');
    expect([count(xml, /<testcase /g), count(xml, /<failure [^>]*type="worse"/g), count(xml, /<skipped /g)]).toEqual([
      19, 1, 3,
    ]);
    const accepted = reportJunit(sampleReport({ gate: sampleGate({ accepted: true }) }));
    expect(accepted).toContain('tests="19" failures="0" errors="0" skipped="3"');
    expect(accepted).toContain('accepted by mira: the new kernel trades it');
  });

  it('[REP-8] without a gate JUnit has a case a trial, under its device', () => {
    const xml = reportJunit(sampleReport());
    expect([
      count(xml, /<testsuite /g),
      count(xml, /<testcase /g),
      count(xml, /<failure [^>]*type="plan.unsupported"/g),
    ]).toEqual([2, 18, 1]);
  });

  it('[REP-9] Markdown fits a pull request: verdict, what changed, what to ship; folded away what is long', () => {
    const markdown = reportMarkdown(gated);
    const [first, , , , heading, , ...rows] = markdown.split('\n');
    expect(first).toMatch(/^### .*nightly: Worse than release/);
    expect(heading).toBe('| verdict | result | metric | before | now | change |');
    expect(rows.slice(0, 4).map((row) => /worse|inconclusive|improved/.exec(row)?.[0])).toEqual([
      'worse',
      'inconclusive',
      'inconclusive',
      'improved',
    ]);
    expect(count(markdown, /<details>/g)).toBe(count(markdown, /<\/details>/g));
    expect(markdown.length).toBeLessThan(65_536);
  });

  it('[REP-10] every format comes from one document that the contract describes', () => {
    const { write } = reportWriters.json;
    expect(Report.parse(JSON.parse(write(gated)))).toEqual(gated);
    expect(Object.entries(reportWriters).map(([format, { type }]) => [format, type.split(';')[0]])).toEqual([
      ['html', 'text/html'],
      ['markdown', 'text/markdown'],
      ['junit', 'application/xml'],
      ['json', 'application/json'],
    ]);
  });
});
