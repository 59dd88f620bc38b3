import type { Gate, GateRow, Night } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { formatUntil, offsetText, zoneTime } from '../../format/zone-time.js';
import { nightWord } from './night-words.js';
import { nightsToCompare, sinceGood } from './since-good.js';

const lanes = { regressed: 0, improved: 0, infrastructure: 0, inconclusive: 0, same: 3, accepted: 0 };
const night = (n: number, more: Partial<Night['start']> = {}, gate?: Partial<NonNullable<Night['gate']>>): Night => ({
  start: {
    id: `start_0000000${n}`,
    scheduleId: 'sched_00000001',
    dueAt: '2026-06-01T00:00:00.000Z',
    at: '2026-06-01T00:00:00.000Z',
    cause: 'rule',
    state: 'ended',
    sweepState: 'succeeded',
    ...more,
  },
  ...(gate && {
    gate: { id: `gate_0000000${n}`, verdict: 'same', baselineName: 'v1', maxRegression: 0.01, lanes, ...gate },
  }),
});

const row = (n: number, recipe: string, verdict: GateRow['verdict'], more: Partial<GateRow> = {}) =>
  ({
    ...{ row: n, modelId: 'mod_aaaaaaaa', recipe, settings: { threads: 1, graphLevel: 'all' }, deviceName: 'pi' },
    ...{ deviceId: 'dev_aaaaaaaa', metric: 'latency_p50_ms', scale: 'ratio', change: 1.05, low: 1.04, high: 1.06 },
    ...{ test: 'student', q: 0.01, verdict },
    ...more,
  }) as GateRow;
const gate = (rows: GateRow[], more: Partial<Gate> = {}): Gate =>
  ({ rows, missing: [], environment: [], ...more }) as unknown as Gate;

describe('nights on the page', () => {
  it('[NIGHT-9] each says in a word how it went; decisions of people count', () => {
    expect(
      [
        night(1, { state: 'running' }),
        night(1, { state: 'missed', count: 3 }),
        night(1, { state: 'failed', error: { code: 'model.unknown', message: '' } }),
        night(1, { sweepState: 'cancelled' }),
        night(1, { verdict: 'worse' }, { verdict: 'same' }),
        night(1, { error: { code: 'baseline.unknown', message: '' } }),
        night(1),
      ].map((each) => [nightWord(each).tone, nightWord(each).word, nightWord(each).code]),
    ).toEqual([
      ['busy', 'running', undefined],
      ['warn', 'missed 3', undefined],
      ['bad', 'not started', 'model.unknown'],
      ['off', 'sweep cancelled', undefined],
      ['ok', 'good', undefined],
      ['warn', 'not judged', 'baseline.unknown'],
      ['off', 'ran', undefined],
    ]);
  });

  it('[NIGHT-10] the last good night is judged, not worse, and whole', () => {
    const lost = { ...lanes, infrastructure: 2 };
    const nights = [
      night(5, { state: 'running' }),
      night(4, {}, { verdict: 'worse' }),
      night(3, {}, { lanes: lost }),
      night(2, {}, {}),
    ];
    const { newest, good } = nightsToCompare(nights);
    expect([newest!.start.id, good!.start.id]).toEqual(['start_00000004', 'start_00000002']);
    expect(nightsToCompare([night(1)])).toEqual({});
  });

  it('[NIGHT-10] tells what is otherwise since then: what was so already is no news, the lab’s trouble no regression', () => {
    const accepted = { state: 'accepted', n: 1, by: 'Ana', at: '' } as const;
    const missing = [
      { deviceName: 'nano', in: 'sweep' },
      { deviceName: 'nano', in: 'baseline' },
    ] as Gate['missing'];
    const found = sinceGood(
      gate(
        [
          row(1, 'old', 'improved'),
          row(2, 'new', 'worse'),
          row(3, 'surer', 'worse', { q: 0.001 }),
          row(4, 'fine', 'worse', { decision: accepted }),
          row(5, 'still', 'same'),
        ],
        { missing },
      ),
      gate([row(7, 'old', 'improved'), row(8, 'new', 'same')]),
      [{ deviceId: 'dev_aaaaaaaa', deviceName: 'pi', fact: 'runtime', before: '1.30', now: '1.31' }],
    );
    expect(found.sentence).toBe('2 regressed, 1 infrastructure problem, 1 thing changed on the devices');
    expect(found.items.map(({ lane, row: n }) => [lane, n])).toEqual([
      ['regressed', 3],
      ['regressed', 2],
      ['infrastructure', undefined],
      ['environment', undefined],
    ]);
    expect(sinceGood(gate([]), undefined, [])).toEqual({ sentence: 'nothing changed', items: [] });
  });

  it('[NIGHT-1] shows times in the zone of the schedule', () => {
    expect(zoneTime('2026-11-25T01:00:00.000Z', 'Europe/Berlin')).toMatch(/25.*Nov.*02:00/);
    expect([0, 120, -210].map(offsetText)).toEqual(['UTC', 'UTC+2', 'UTC−3:30']);
    expect([0, 300_000, 7_200_000, 400_000_000].map(formatUntil)).toEqual([
      'now',
      'in 5\u00a0min',
      'in 2\u00a0h',
      'in 5\u00a0d',
    ]);
  });
});
