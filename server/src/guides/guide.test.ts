import { Guide, mulberry32, passNames, techniquesOf } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import type { Candidate } from '../frontier/candidate.js';
import { hostile, renamed, skeleton } from '../reports/testing/skeleton.js';
import { gapsOf } from './guide-gaps.js';
import { guideHtml } from './guide-html.js';
import { guideMarkdown } from './guide-markdown.js';
import { guideWork } from './guide-task.js';
import { bestOfEach, boughtText } from './guide-text.js';
import { sampleGuide } from './testing/sample-guide.js';

const sample = sampleGuide();
const memory = (value: number, half = 0) => ({
  value,
  ...(half > 0 && { low: value - half, high: value + half }),
  n: 5,
  unit: 'bytes',
});
const count = (text: string, pattern: RegExp): number => (text.match(pattern) ?? []).length;

/** A run of five processes; `right`: of how many of the 200 items the answer is right. */
function candidate(
  recipe: string,
  latencyMs: number,
  right: number,
  threads = 1,
  verdict: 'clean' | 'disturbed' = 'clean',
): Candidate {
  const bits = Buffer.alloc(25);
  for (let i = 0; i < right; i++) bits[i >> 3]! |= 1 << (i & 7);
  return {
    runId: `run_${recipe}${threads}`,
    variant: `var_${recipe}`,
    recipe,
    settings: { threads, graphLevel: 'all' },
    artifact: { sha256: 'a'.repeat(64), bytes: recipe === 'fp32' ? 400 : 100 },
    verdict,
    metrics: {
      latency_p50_ms: { value: latencyMs, n: 5, unit: 'ms' },
      size_bytes: { value: recipe === 'fp32' ? 400 : 100, n: 1, unit: 'bytes' },
      accuracy: { value: right / 200, n: 200, unit: '' },
    },
    basis: {
      blocks: [0.99, 1, 1, 1.005, 1.01].map((f) => ({ inferences: 100, values: { latency_p50_ms: latencyMs * f } })),
      items: { accuracy: { n: 200, bits: bits.toString('base64') } },
    },
    endedAt: 1,
  };
}

describe('guides', () => {
  it('[GUIDE-1] a technique is told from the passes; what only helps others names nothing', () => {
    expect(
      [
        [],
        ['optimize'],
        ['optimize', 'equalize', 'quantize-static'],
        ['optimize', 'prune-channels', 'quantize-static'],
      ].map((passes) => techniquesOf(passes as (typeof passNames)[number][])),
    ).toEqual([['reference'], ['graph'], ['quantization'], ['pruning', 'quantization']]);
    expect(techniquesOf([], 'elsewhere')).toEqual(['elsewhere']);
    for (const pass of passNames) expect(techniquesOf([pass]).length).toBe(1);
  });

  it('[GUIDE-2] every result is held against fp32 of the same settings, a clean one where there is any, and against nothing else', () => {
    const metrics = ['latency_p50_ms', 'size_bytes', 'energy_mj', 'accuracy'] as const;
    const candidates = [
      candidate('fp32', 10, 180),
      candidate('int8', 5, 178),
      candidate('int8', 3, 178, 2),
      candidate('fp32', 6, 180, 2, 'disturbed'),
      candidate('int8', 2, 178, 4),
    ];
    const found = guideWork({ candidates, metrics });
    const { latency_p50_ms: latency, size_bytes: size, accuracy, energy_mj: energy } = found['run_int81']!;
    expect([latency!.change.toFixed(2), latency!.scale, latency!.low! < 0.5, latency!.high! > 0.5]).toEqual([
      '0.50',
      'ratio',
      true,
      true,
    ]);
    expect([size, energy]).toEqual([{ scale: 'ratio', change: 0.25 }, undefined]);
    expect([accuracy!.scale, accuracy!.change.toFixed(3), accuracy!.low! <= -0.01]).toEqual([
      'difference',
      '-0.010',
      true,
    ]);
    // Of fp32 there is only a disturbed run with two threads, and none with four.
    const { latency_p50_ms: doubtful, size_bytes: steady } = found['run_int82']!;
    expect([doubtful!.disturbed, steady!.disturbed, found['run_int84']]).toEqual([true, undefined, {}]);
    expect(guideWork({ candidates, metrics })).toEqual(found);
    const [fp32, int8] = candidates.map((each, i) => ({
      ...each,
      metrics: { memory_peak_bytes: i === 0 ? memory(1000, 100) : memory(500) },
    }));
    const { memory_peak_bytes: peak } = guideWork({ candidates: [fp32!, int8!], metrics: ['memory_peak_bytes'] })[
      'run_int81'
    ]!;
    expect([peak!.change, peak!.low!.toFixed(3), peak!.high!.toFixed(3)]).toEqual([0.5, '0.455', '0.556']);
  });

  it('[GUIDE-3] what it bought is said only as far as the intervals bear it out', () => {
    const against = {
      latency_p50_ms: { scale: 'ratio' as const, change: 0.5, low: 0.48, high: 0.52 },
      size_bytes: { scale: 'ratio' as const, change: 0.25 },
      memory_peak_bytes: { scale: 'ratio' as const, change: 0.9, low: 0.7, high: 1.1 },
      accuracy: { scale: 'difference' as const, change: -0.02, low: -0.03, high: -0.01 },
    };
    const text = (of: typeof against): string => boughtText({ against: of }, sample);
    expect(text(against)).toBe('2.0 times faster, 4.0 times smaller; accuracy 2.0 points worse');
    const unsure = { scale: 'difference' as const, change: -0.002, low: -0.006, high: 0.002 };
    expect(text({ ...against, accuracy: unsure })).toContain('no different as far as can be told');
    const { entries } = sample.devices[0]!;
    expect(bestOfEach(entries, sample.metrics).map(({ recipe, techniques }) => [techniques.join('+'), recipe])).toEqual(
      [
        ['pruning+quantization', 'prune-channels-50+int8'],
        ['quantization', 'int8-static'],
        ['pruning', 'prune-channels-25'],
        ['graph', 'optimized'],
      ],
    );
  });

  it('[GUIDE-4] what was not measured is said: metrics, recipes, references, what was left out', () => {
    const { entries, device } = sample.devices[0]!;
    const variant = (id: string, recipeName: string, state: 'ready' | 'failed', message?: string) => ({
      id,
      recipeName,
      state,
      error: message === undefined ? null : { code: 'pass.failed', message },
    });
    const gaps = gapsOf({
      frontier: { device, points: [], excluded: { disturbed: 2 } },
      entries: [...entries, { ...entries[2]!, settings: { threads: 4, graphLevel: 'all' }, against: {} }],
      variants: [
        variant('var_00000000', 'fp32', 'ready'),
        variant('var_x', 'fp16', 'ready'),
        variant('var_y', 'low-rank', 'failed', 'no layer'),
      ],
      metrics: sample.metrics,
    });
    expect(gaps.map(({ kind }) => kind)).toEqual(['metric', 'metric', 'reference', 'recipe', 'failed', 'excluded']);
    expect(gaps.map(({ text }) => text).join('\n')).toMatch(
      /memory.*\nenergy.*\n.*4 threads.*\n.*fp16\n.*no layer\n2 left out/s,
    );
  });

  it('[GUIDE-5] the page is one file with a picture of every device, and a table with every result', () => {
    const html = guideHtml(sample);
    expect(count(html, /<script|<link|<img|@import|\bsrc=|\bhref=|https?:/gi)).toBe(0);
    const figure = html.split('aria-labelledby="bought-title"')[1]!.split('</svg>')[0]!;
    // Eight variants beside fp32, on two devices, in three metrics that were measured.
    expect(count(figure, /class="series s[12]"/g)).toBe(8 * 2 * 3);
    for (const { device, entries } of sample.devices) {
      const table = html.split(`<caption>All results on ${device.name}</caption>`)[1]!.split('</table>')[0]!;
      expect(count(table, /<tr>/g)).toBe(entries.length + 1);
    }
    expect(
      guideHtml({ ...sample, devices: sample.devices.map((each) => ({ ...each, entries: [], advice: [] })) }),
    ).toContain('Nothing has been measured beside fp32 yet');
  });

  it('[GUIDE-6] whatever things are called, page and Markdown keep their structure (seeded)', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const text = hostile(mulberry32(seed));
      const evil = renamed(sample, () => text);
      const tame = renamed(sample, () => 'x'.repeat(Math.min(text.length, 40)));
      expect([seed, skeleton(guideHtml(evil))]).toEqual([seed, skeleton(guideHtml(tame))]);
      const lines = (guide: Guide): number[] =>
        guideMarkdown(guide)
          .split('\n')
          .map((line) => count(line.replace(/\\[!-/:-@[-`{-~]|`[^`\n]*`/g, ''), /\|/g));
      expect([seed, lines(evil)]).toEqual([seed, lines(tame)]);
    }
  });

  it('[GUIDE-7] the document is what the contract describes', () => {
    expect(Guide.parse(JSON.parse(JSON.stringify(sample)))).toEqual(sample);
  });
});
