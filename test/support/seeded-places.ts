import { pointKey, type Run } from '@hilltop/contracts';
import type { SeededLab } from './seeded-lab.js';
import type { SeededPlaces } from './seeded-screens.js';

/** Where the screens of a seeded lab are. */
export async function placesOf({ lab, live, endings, search, schedule, gate }: SeededLab): Promise<SeededPlaces> {
  const device = await lab.device('seeded-orin');
  const { items } = await lab.api<{ items: Run[] }>('GET', `/runs?device=${device.id}&limit=200`);
  const ended = items.find(({ state, recipe }) => state === 'succeeded' && recipe === 'int8-static')!;
  const { devices } = await lab.frontier('model=seeded-vision&device=seeded-rpi-a');
  const [a, b] = devices[0]!.points;
  return {
    live: live.id,
    liveJob: live.jobId,
    ended: ended.id,
    failed: endings.failed,
    sweep: search.id,
    schedule: schedule.id,
    gate: gate.id,
    points: [pointKey(a!), pointKey(b!)],
  };
}
