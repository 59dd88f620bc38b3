import { pulseMemory } from '@hilltop/contracts';
import { expect, it } from '@jest/globals';
import { DevicePulses } from './device-pulses.js';

it('[LIVE-9] a pulse is the newest of each device, told once, and what is over is absent', () => {
  const pulses = new DevicePulses();
  pulses.beat('dev_a', { temperatureC: 51, latencyMs: 2 }, 1000);
  pulses.beat('dev_a', { latencyMs: undefined }, 1100);
  pulses.beat('dev_b', { loadAverage: 0.5 }, 1100);
  expect(pulses.take()).toEqual([
    { deviceId: 'dev_a', atMs: 1100, temperatureC: 51 },
    { deviceId: 'dev_b', atMs: 1100, loadAverage: 0.5 },
  ]);
  expect(pulses.take()).toEqual([]);
  pulses.beat('dev_b', { loadAverage: 0.6 }, 1200);
  pulses.forget('dev_b');
  expect(pulses.take()).toEqual([]);
});

it('[LIVE-10] a minute of each device is remembered in steps, and no more', () => {
  const pulses = new DevicePulses();
  for (let i = 0; i < 10_000; i++) pulses.beat('dev_a', { latencyMs: i }, i * 100);
  const history = pulses.history(0);
  expect(history.length).toBeLessThanOrEqual(pulseMemory.samples + 1);
  expect(history.at(-1)).toEqual({ deviceId: 'dev_a', atMs: 999_900, latencyMs: 9999 });
  const since = pulses.history(999_900 - 5000);
  expect(since.length).toBeGreaterThan(9);
  expect(since.every(({ atMs }, i) => i === 0 || atMs > since[i - 1]!.atMs)).toBe(true);
});
