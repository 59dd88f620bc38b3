import { evaluationOrder, mulberry32, normal, objectiveOf } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { packBits } from '../summaries/item-bits.js';
import type { Candidate } from './candidate.js';
import { deviceFrontier } from './device-frontier.js';
import { nonDominated } from './dominance.js';
import { fleetFrontier } from './fleet-frontier.js';
import { hypervolume } from './hypervolume.js';
import { relativeVolume } from './reference-point.js';
import { standings } from './standing.js';

const objectives = [objectiveOf('latency_p50_ms'), objectiveOf('accuracy')];
const device = { id: 'dev_00000001', name: 'bench', type: 't', emulated: false };
const settings = { threads: 1, graphLevel: 'all' } as const;

/** A candidate from its processes' p50 and a rule which of 1,000 items are right. */
function candidate(
  recipe: string,
  p50: number[],
  right: (item: number) => boolean,
  more: Partial<Candidate> = {},
): Candidate {
  const flags = Array.from({ length: 1000 }, (_, i) => right(i));
  const value = Math.exp(p50.reduce((s, v) => s + Math.log(v), 0) / p50.length);
  return {
    variant: `var_${recipe.padEnd(8, '0')}`,
    recipe,
    settings,
    artifact: { sha256: '0'.repeat(64), bytes: 1 },
    verdict: 'clean',
    runId: `run_${recipe.padEnd(8, '0')}`,
    metrics: {
      latency_p50_ms: { value, n: p50.length, unit: 'ms' },
      accuracy: { value: flags.filter(Boolean).length / 1000, n: 1000, unit: '' },
    },
    basis: {
      blocks: p50.map((v) => ({ inferences: 100, values: { latency_p50_ms: v } })),
      items: { accuracy: packBits(flags) },
    },
    endedAt: 1,
    ...more,
  };
}

describe('frontiers of microcontrollers', () => {
  const onBoard = (recipe: string, ms: number, right: (item: number) => boolean, n?: number): Candidate => {
    const whole = candidate(recipe, [ms, ms, ms], right);
    const flags = [...evaluationOrder(1000, n ?? 1000)].map(right);
    const share = flags.filter(Boolean).length / flags.length;
    return {
      ...whole,
      metrics: { ...whole.metrics, accuracy: { value: share, n: flags.length, unit: '' } },
      basis: {
        ...whole.basis,
        betweenRuns: 0,
        items: n === undefined ? whole.basis.items : { accuracy: { ...packBits(flags), of: 1000 } },
      },
    };
  };
  const pico = { ...device, emulated: true };

  it('[MCU-49] equal counts are equal in every replicate: one cycle more is dominated for certain', () => {
    const candidates = [onBoard('fast', 7, () => true), onBoard('slow', 7.000_01, () => true)];
    const { points } = deviceFrontier({ device: pico, objectives, candidates });
    expect(points.map((point) => [point.recipe, point.status, point.probability])).toEqual([
      ['fast', 'on', 1],
      ['slow', 'dominated', 0],
    ]);
  });

  it('[MCU-49] subsets are paired item by item, with each other and with the whole set', () => {
    const right = (item: number): boolean => item % 3 > 0;
    const { points } = deviceFrontier({
      device: pico,
      objectives,
      // Whoever is right on the same items is never better nor worse, however often an item is drawn.
      candidates: [onBoard('a', 7, right, 64), onBoard('b', 8, right, 64)],
    });
    expect(points.map((point) => point.status)).toEqual(['on', 'dominated']);
    const whole = deviceFrontier({
      device: pico,
      objectives,
      candidates: [onBoard('a', 7, () => true, 64), onBoard('b', 8, right)],
    });
    expect(whole.points.map((point) => [point.metrics.accuracy!.n, point.status])).toEqual([
      [64, 'on'],
      [1000, 'dominated'],
    ]);
  });

  it('[MCU-49] without fp32, which no board runs, there is no volume, and the frontier is there', () => {
    const frontier = deviceFrontier({
      device: pico,
      objectives,
      candidates: [onBoard('int8', 7, () => true)],
      reference: { latency_p50_ms: 20, accuracy: 0.1 },
    });
    expect([frontier.hypervolume, frontier.points.length, frontier.device.emulated]).toEqual([undefined, 1, true]);
  });
});

describe('hypervolume', () => {
  it('[FRONT-2] golden volumes', () => {
    expect(
      hypervolume(
        [
          [1, 8],
          [2, 5],
          [4, 3],
          [7, 1],
        ],
        [10, 10],
      ),
    ).toBe(60);
    expect(
      hypervolume(
        [
          [1, 2, 3],
          [3, 1, 2],
          [2, 3, 1],
        ],
        [4, 4, 4],
      ),
    ).toBe(13);
    expect(
      hypervolume(
        [
          [1, 8, 3],
          [2, 5, 6],
          [4, 3, 2],
          [7, 1, 4],
        ],
        [10, 10, 10],
      ),
    ).toBe(438);
    expect(
      hypervolume(
        [
          [11, 0],
          [10, 0],
        ],
        [10, 10],
      ),
    ).toBe(0);
  });
  it('[FRONT-2] fp32 alone is 1', () => {
    expect(relativeVolume([[2, 0.9]], [2, 0.9], [4, 0.1], objectives)).toBe(1);
    // Half the latency at the same accuracy doubles the log range.
    expect(relativeVolume([[1, 0.9]], [2, 0.9], [4, 0.1], objectives)).toBeCloseTo(2, 12);
  });
});

describe('standing', () => {
  it('[FRONT-3] probability of dominance, golden: two normal points', () => {
    const random = mulberry32(5);
    const draw = (): number[][] =>
      [
        [10, 5],
        [10.2, 5.05],
      ].map((p) => p.map((v) => v + 0.1 * normal(random)));
    const [, b] = standings(draw, 2, 40_000);
    // P(a dominates b) = Phi(.2/.1414) Phi(.05/.1414) = 0.58797
    expect(1 - b!.probability).toBeCloseTo(0.58797, 2);
    expect(b!.dominatedBy).toEqual([0]);
  });
  it('[FRONT-4] equal points do not dominate each other', () => {
    expect(
      nonDominated([
        [1, 1],
        [1, 1],
        [2, 1],
      ]),
    ).toEqual([0, 1]);
  });
});

describe('device frontier', () => {
  it('[FRONT-5] states on, dominated and by whom, reproducibly', () => {
    const candidates = [
      candidate('fp32', [4, 4.02, 3.98, 4.01, 4], (i) => i < 900),
      candidate('int8', [1, 1.01, 0.99, 1, 1], (i) => i < 890),
      candidate('worse', [6, 6.1, 5.9, 6, 6], (i) => i < 700),
    ];
    const input = { device, candidates, objectives, reference: { latency_p50_ms: 8, accuracy: 0.1 } };
    const frontier = deviceFrontier(input);
    expect(frontier.points.map((p) => [p.recipe, p.status, p.dominatedBy])).toEqual([
      ['fp32', 'on', []],
      ['int8', 'on', []],
      ['worse', 'dominated', ['var_fp320000', 'var_int80000']],
    ]);
    expect(frontier.hypervolume).toBeGreaterThan(1);
    expect(frontier.reference).toEqual([8, 0.1]);
    expect(deviceFrontier(input)).toEqual(frontier);
  });
  it('[FRONT-5] cannot tell two names of one variant apart', () => {
    const a = candidate('a', [1, 1.05, 0.97], (i) => i < 900);
    const b = candidate('b', [1.02, 0.98, 1.01], (i) => i < 900);
    expect(deviceFrontier({ device, candidates: [a, b], objectives }).points.map((p) => p.status)).toEqual([
      'uncertain',
      'uncertain',
    ]);
  });
  it('[ENERGY-14] a run with a window left out is as uncertain in energy as those it has', () => {
    const energyOnly = [objectiveOf('energy_mj'), objectiveOf('accuracy')];
    const withEnergy = (recipe: string, perBlock: Array<number | undefined>): Candidate => {
      const made = candidate(recipe, [1, 1, 1], (i) => i < 900);
      const known = perBlock.filter((mj) => mj !== undefined);
      const value = Math.exp(known.reduce((sum, mj) => sum + Math.log(mj), 0) / known.length);
      return {
        ...made,
        metrics: { ...made.metrics, energy_mj: { value, n: known.length, unit: 'mJ' } },
        basis: {
          ...made.basis,
          blocks: made.basis.blocks.map((block, i) => ({
            ...block,
            values: { ...block.values, ...(perBlock[i] !== undefined && { energy_mj: perBlock[i] }) },
          })),
        },
      };
    };
    const status = (perBlock: Array<number | undefined>) =>
      deviceFrontier({
        device,
        candidates: [withEnergy('a', [1, 1, 1]), withEnergy('b', perBlock)],
        objectives: energyOnly,
        energy: { scope: 'dut-vdd' },
      });
    expect(status([1, undefined, 1.4]).points.map((p) => p.status)).toEqual(['uncertain', 'uncertain']);
    expect(status([3, 3, 3]).points.map((p) => p.status)).toEqual(['on', 'dominated']);
    expect(status([3, 3, 3]).energy).toEqual({ scope: 'dut-vdd' });
    // Less than idle is no place on an axis of energies: counted as left out.
    const less = withEnergy('b', [1, 1, 1]);
    const { points, excluded } = deviceFrontier({
      device,
      candidates: [
        withEnergy('a', [1, 1, 1]),
        { ...less, metrics: { ...less.metrics, energy_mj: { value: -0.1, n: 3, unit: 'mJ' } } },
      ],
      objectives: energyOnly,
    });
    expect([points.map((p) => p.recipe), excluded]).toEqual([['a'], { 'no-metric': 1 }]);
  });
  it('[FRONT-6] takes the newest clean run of a point and counts what it leaves out', () => {
    const right = (i: number): boolean => i < 900;
    const frontier = deviceFrontier({
      device,
      objectives,
      candidates: [
        candidate('a', [1, 1, 1], right, { runId: 'run_old00000', endedAt: 1 }),
        candidate('a', [1, 1, 1], right, { runId: 'run_new00000', endedAt: 2 }),
        candidate('a', [1, 1, 1], right, { runId: 'run_loud0000', endedAt: 3, verdict: 'disturbed' }),
        candidate('b', [1, 1, 1], right, { runId: 'run_hot00000', endedAt: 3, verdict: 'invalid' }),
        candidate('c', [1, 1, 1], right, { metrics: {} }),
      ],
    });
    expect(frontier.points.map((p) => p.runs)).toEqual([['run_new00000']]);
    expect(frontier.excluded).toEqual({ disturbed: 1, invalid: 1, 'no-metric': 1 });
  });
  it('[VERD-5] a clean repetition takes the place of the disturbed run; three disturbed ones leave the newest, marked', () => {
    const right = (i: number): boolean => i < 900;
    const disturbed = (recipe: string, run: string, ms: number, endedAt: number): Candidate =>
      candidate(recipe, [ms, ms, ms], right, { runId: run, endedAt, verdict: 'disturbed' });
    const { points, excluded } = deviceFrontier({
      device,
      objectives,
      candidates: [
        candidate('a', [1, 1, 1], right, { runId: 'run_a2000000', endedAt: 2 }),
        disturbed('a', 'run_a1000000', 1.4, 1),
        { ...disturbed('b', 'run_b3000000', 0.9, 3), unstable: 3 },
        disturbed('b', 'run_b2000000', 1.2, 2),
        disturbed('b', 'run_b1000000', 1.1, 1),
      ],
    });
    expect(
      points.map(({ recipe, runs, verdict, metrics }) => [recipe, runs, verdict, metrics.latency_p50_ms!.value]),
    ).toEqual([
      ['a', ['run_a2000000'], 'clean', expect.closeTo(1, 12)],
      ['b', ['run_b3000000'], 'disturbed', expect.closeTo(0.9, 12)],
    ]);
    expect(points.map(({ unstable }) => unstable)).toEqual([undefined, 3]);
    expect(excluded).toEqual({ disturbed: 1 });
  });
});

describe('fleet frontier', () => {
  it('[FRONT-7] takes the worst ratio to fp32 and names the device', () => {
    const right = (i: number): boolean => i < 900;
    const fast = {
      id: 'dev_fast0000',
      emulated: false,
      candidates: [candidate('fp32', [2, 2, 2], right), candidate('int8', [1, 1, 1], right)],
    };
    const slow = {
      id: 'dev_slow0000',
      emulated: false,
      candidates: [candidate('fp32', [9, 9, 9], right), candidate('int8', [8.1, 8.1, 8.1], right)],
    };
    const [fleet] = fleetFrontier([fast, slow], objectives);
    expect(fleet!.points.map((p) => [p.recipe, p.coverage, p.values.latency_p50_ms!.deviceId])).toEqual([
      ['fp32', { k: 2, n: 2 }, 'dev_fast0000'],
      ['int8', { k: 2, n: 2 }, 'dev_slow0000'],
    ]);
    expect(fleet!.points[1]!.values.latency_p50_ms!.value).toBeCloseTo(0.9, 12);
    expect(fleet!.points[1]!.values.accuracy!.value).toBe(0.9);
  });
  it('[FRONT-8] partial coverage never beats full', () => {
    const right = (i: number): boolean => i < 900;
    const one = {
      id: 'dev_one00000',
      emulated: false,
      candidates: [candidate('fp32', [2, 2, 2], right), candidate('tiny', [0.1, 0.1, 0.1], right)],
    };
    const two = { id: 'dev_two00000', emulated: false, candidates: [candidate('fp32', [2, 2, 2], right)] };
    const [fleet] = fleetFrontier([one, two], objectives);
    expect(fleet!.points.map((p) => [p.recipe, p.status])).toEqual([
      ['fp32', 'on'],
      ['tiny', 'on'],
    ]);
  });
});
