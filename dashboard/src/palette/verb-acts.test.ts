import { type Verb, type VerbRow, verbs } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import type { Act } from './act.js';
import { readLine } from './parse-line.js';
import { knownLab } from './testing/known-lab.js';
import { type VerbAct, verbActs } from './verb-acts.js';

const known = knownLab();
const actOf = (text: string): Act => {
  const { line, problem } = readLine(text);
  if (!line) return { kind: 'needs', text: problem ?? 'no verb' };
  return (verbActs[line.verb] as VerbAct).act(line, known);
};

describe('verbs on the page', () => {
  it('[PAL-3] every verb of the table acts, opens a page or a dialog, or is a line to copy', () => {
    // What the examples name is held otherwise here.
    const instead: Partial<Record<Verb, string>> = {
      agent: 'agent http://lab:7070',
      ask: 'ask pico-1',
    };
    const seen = Object.fromEntries(
      (Object.entries(verbs) as [Verb, VerbRow][]).map(([verb, { example }]) => [
        verb,
        actOf(instead[verb] ?? example).kind,
      ]),
    );
    const ways = ['go', 'open', 'call', 'copy'];
    expect(Object.entries(seen).filter(([, kind]) => !ways.includes(kind))).toEqual([]);
    // A line to copy is the line that was given.
    for (const [verb, { example }] of Object.entries(verbs) as [Verb, VerbRow][]) {
      const act = actOf(instead[verb] ?? example);
      if (act.kind === 'copy') expect(readLine(act.line).line).toEqual(readLine(example).line);
    }
  });

  it('[PAL-3] what it calls is what the table says: route and access', () => {
    const calls = (Object.entries(verbs) as [Verb, VerbRow][]).flatMap(([verb, { example, rest }]) => {
      const act = actOf(example);
      return act.kind === 'call' && rest ? [{ verb, act, rest }] : [];
    });
    expect(calls.length).toBeGreaterThan(15);
    for (const { verb, act, rest } of calls) {
      const [method, route] = rest.split(' ');
      const pattern = new RegExp(`^${route!.replace('/api/v1/', '').replace(/:\w+/g, '[^/]+')}$`);
      expect({ verb, method: act.method, fits: pattern.test(act.path) }).toEqual({ verb, method, fits: true });
    }
  });

  it('[PAL-4] names become ids, and what cannot be taken back is asked for first', () => {
    expect(actOf("job cancel 'night job'")).toMatchObject({
      kind: 'call',
      method: 'POST',
      path: 'jobs/job_1/cancel',
      body: {},
      asks: expect.stringContaining('night job'),
    });
    expect(actOf('sweep pause nightly')).toMatchObject({ path: 'sweeps/swp_1/pause' });
    expect(actOf('reserve -d jetson-1 --for 2h --note demo')).toMatchObject({
      path: 'leases',
      body: { selector: { devices: ['dev_2'], labels: {} }, forSeconds: 7200, note: 'demo' },
    });
    expect(actOf('extend bench-pi --for 1h')).toMatchObject({
      path: 'leases/lea_1/extend',
      body: { revision: 4, forSeconds: 3600 },
    });
    expect(actOf('gate nightly --baseline v1.2 --max-regression 2%')).toMatchObject({
      path: 'gates',
      body: { sweep: 'swp_1', baseline: 'v1.2', maxRegression: 0.02 },
    });
  });

  it('[PAL-4] a view is opened in the syntax of the CLI', () => {
    expect(actOf("frontier -m net -x size_bytes --where 'accuracy>=0.8' -d bench-pi")).toEqual({
      kind: 'go',
      href: '/models/net?x=size_bytes&where=accuracy>=0.8&device=bench-pi',
    });
    expect(actOf('runs --job job_1')).toEqual({ kind: 'go', href: '/jobs/job_1' });
  });

  it('[PAL-4] what a line lacks is said, and nothing is sent', () => {
    const lacking = [
      'job cancel',
      'device quarantine bench-pi',
      'extend pico-1',
      'release pico-1',
      'reserve -d nowhere',
      'reserve -d bench-pi --for soon',
      'handover bench-pi',
      'answer bench-pi perhaps',
      'ask bench-pi',
      "frontier -m net --where 'speed>1'",
    ];
    expect(lacking.filter((text) => actOf(text).kind !== 'needs')).toEqual([]);
  });
});
