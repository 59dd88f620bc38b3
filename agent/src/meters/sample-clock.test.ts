import { mulberry32 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { type ClockFinding, IntervalEdges, SampleClock } from './sample-clock.js';

interface Line {
  readonly rate?: number;
  readonly jitterMs?: number;
  /** The host is deaf in these times, ms. */
  readonly deaf?: readonly [number, number];
  /** From then on so many samples are missing that nobody tells of. */
  readonly gap?: readonly [number, number];
}
const periodMs = 0.01;

/** Arrivals every 5 ms for so many seconds; the true time of a sample is 1000 ms + its own time. */
function hear(seconds: number, { rate = 0, jitterMs = 0, deaf, gap }: Line, seed = 1) {
  const random = mulberry32(seed);
  const clock = new SampleClock(periodMs);
  const findings: ClockFinding[] = [];
  let lastMs = 0;
  for (let ms = 5; ms <= seconds * 1000; ms += 5) {
    const index = Math.floor(ms / (periodMs * (1 + rate))) - (gap && ms >= gap[0] ? gap[1] : 0);
    const held = deaf && ms > deaf[0] && ms < deaf[1] ? deaf[1] : ms;
    lastMs = Math.max(lastMs, 1000 + held - jitterMs * Math.log(1 - random()));
    const finding = clock.note(index, lastMs);
    if (finding) findings.push(finding);
  }
  const end = Math.floor((seconds * 1000) / (periodMs * (1 + rate)));
  return { clock, findings, errorMs: clock.toMs(end) - 1000 - seconds * 1000 };
}

describe('SampleClock', () => {
  it.each([1, 2, 3])(
    '[METER-6] is not moved by the jitter of the line, nor by a host that stands still (seed %d)',
    (seed) => {
      const { errorMs, findings, clock } = hear(12, { jitterMs: 3, deaf: [4000, 6500] }, seed);
      expect(Math.abs(errorMs)).toBeLessThan(0.3);
      expect(findings).toEqual([]);
      expect(clock.uncertaintyMs).toBeGreaterThan(Math.abs(errorMs) / 3);
      expect(clock.uncertaintyMs).toBeLessThan(1);
    },
  );

  it.each([-60e-6, 60e-6])('[METER-6] follows a clock that is off by %d', (rate) => {
    const { errorMs, findings } = hear(30, { rate, jitterMs: 1 });
    expect(Math.abs(errorMs)).toBeLessThan(0.5);
    expect(findings).toEqual([]);
  });

  it.each([-1000e-6, 500e-6, 3000e-6])('[METER-7] tells of a drift of %d', (rate) => {
    const { findings } = hear(15, { rate, jitterMs: 1 });
    const drift = findings.find(({ kind }) => kind === 'drift');
    expect(drift).toBeDefined();
    expect(drift).toMatchObject({ rate: expect.closeTo(rate, 4) });
  });

  it('[METER-7] tells of samples that are missing although no counter told, and goes on from there', () => {
    const { findings, clock } = hear(12, { jitterMs: 1, gap: [6000, 640 * 4] });
    expect(findings).toEqual([{ kind: 'step', ms: expect.closeTo(25.6, 0), sinceMs: expect.any(Number) }]);
    // Those samples are missing: the newest number is of a time 25.6 ms later.
    expect(clock.toMs(1_200_000 - 2560) - 13_000).toBeCloseTo(0, 0);
  });

  it('[METER-6] tells no time before it has heard enough', () => {
    const clock = new SampleClock(periodMs);
    clock.note(0, 1000);
    clock.note(20_000, 1200);
    expect(clock.ready).toBe(false);
    clock.note(26_000, 1260);
    expect(clock.ready).toBe(true);
  });
});

describe('IntervalEdges', () => {
  it('[METER-6] never goes back: a correction is spread, a gap is taken at once', () => {
    const clock = new SampleClock(1);
    clock.note(0, 1000);
    const edges = new IntervalEdges(clock);
    expect(edges.at(0)).toBe(1000);
    expect(edges.at(10)).toBe(1010);
    // Heard 3 ms sooner than thought.
    clock.note(20, 1017);
    const after = [20, 30, 40, 50, 60].map((index) => edges.at(index));
    expect(after).toEqual([1019, 1028, 1037, 1047, 1057]);
    expect(edges.at(200)).toBe(1197);
  });
});
