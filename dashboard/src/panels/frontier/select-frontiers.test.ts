import { type FrontierEntity, objectiveOf, type Run } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { defaultView } from '../../view/view.js';
import { captionOf } from './caption.js';
import { excludedText, fallbackView, isLive, offeredMetrics, orderFrontiers, protocolFor } from './select-frontiers.js';
import { testPoint } from './testing-points.js';
import { wrap } from './wrap.js';

const frontier = (name: string, emulated = false) => ({
  device: { id: `dev_${name}`, name, type: 'board', emulated },
  points: [testPoint('fp32', { latency_p50_ms: 1, size_bytes: 5 })],
  excluded: { disturbed: 1, 'no-metric': 0 },
});
const entity = (protocol: 'quick' | 'standard'): FrontierEntity => ({
  id: protocol,
  modelId: 'mod_1',
  protocol,
  objectives: [objectiveOf('latency_p50_ms'), objectiveOf('agreement')],
  frontier: frontier('a'),
});
const run = (protocol: string, queuedAt: string) => ({ protocol: { name: protocol }, queuedAt }) as Run;

describe('which frontiers are shown', () => {
  it('the protocol of the newest run, unless the address names one', () => {
    const runs = [run('standard', '2026-01-01'), run('quick', '2026-01-02')];
    expect(protocolFor(defaultView, [entity('quick'), entity('standard')], runs)).toBe('quick');
    expect(protocolFor({ ...defaultView, protocol: 'standard' }, [entity('quick')], runs)).toBe('standard');
    expect(protocolFor(defaultView, [entity('standard')], [])).toBe('standard');
    expect(protocolFor(defaultView, [entity('quick'), entity('standard')], runs, 'standard')).toBe('standard');
  });

  it('the default axes come live, others are asked for', () => {
    const fallback = fallbackView([entity('quick')]);
    expect(fallback).toEqual({ x: 'latency_p50_ms', y: 'agreement', where: '' });
    expect([
      isLive(fallback, entity('quick').objectives),
      isLive({ ...fallback, z: 'size_bytes' }, entity('quick').objectives),
      isLive(defaultView, undefined),
    ]).toEqual([true, false, false]);
  });

  it('real devices come first; one device by name or id', () => {
    const all = [frontier('pico', true), frontier('b10'), frontier('b9')];
    expect(orderFrontiers(all, undefined).map((f) => f.device.name)).toEqual(['b9', 'b10', 'pico']);
    expect(orderFrontiers(all, 'dev_pico').map((f) => f.device.name)).toEqual(['pico']);
  });

  it('offers the metrics that were measured, and those already chosen', () => {
    expect(offeredMetrics([frontier('a')], ['energy_mj'])).toEqual(['latency_p50_ms', 'size_bytes', 'energy_mj']);
  });

  it('[DASH-11] the caption says protocol, device type, emulation, interval level and what was left out', () => {
    expect(excludedText([frontier('a'), frontier('b')])).toBe('2 disturbed');
    expect(
      captionOf({
        frontier: frontier('pico', true),
        protocol: 'quick',
        view: defaultView,
        model: undefined,
        constraints: 0,
      }),
    ).toBe(
      'protocol quick, single-stream · board · emulated · bars: 95 % interval, n = 5 processes · left out: 1 disturbed',
    );
  });

  it('a caption breaks between its parts only', () => {
    expect(wrap('aaa · bbb · cccc', 9)).toEqual(['aaa · bbb', 'cccc']);
  });
});
