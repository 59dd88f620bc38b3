import type { ProtocolName, SweepFile, SweepPreview } from '@hilltop/contracts';
import type { EntityManager } from 'typeorm';
import { RunEntity } from '../runs/run.entity.js';
import { countOf } from './space.js';
import { pointsOf, type SweepPlan } from './sweep-plan.js';

/** A device's newest runs tell how long one takes. */
const newestRuns = 100;

/** What a file would try; how long that takes from the lab's own runs, where every device has some under this protocol. */
export async function previewOf(manager: EntityManager, file: SweepFile, plan: SweepPlan): Promise<SweepPreview> {
  let minutes: number | undefined = 0;
  for (const place of plan.places) {
    const each = await minutesOf(manager, place.deviceId, file.protocol);
    minutes = minutes === undefined || each === undefined ? undefined : minutes + each * pointsOf(plan, place).length;
  }
  return {
    points: countOf(plan),
    places: plan.places.map((place) => ({
      deviceId: place.deviceId,
      deviceName: place.deviceName,
      modelName: place.modelName,
      points: pointsOf(plan, place).length,
    })),
    ...(minutes !== undefined && { estimatedDeviceMinutes: minutes }),
    leftOut: [...plan.leftOut],
    recipes: [...plan.recipes],
  };
}

async function minutesOf(
  manager: EntityManager,
  deviceId: string,
  protocol: ProtocolName,
): Promise<number | undefined> {
  const runs = await manager.find(RunEntity, {
    select: { id: true, protocol: true, claimedAt: true, endedAt: true, position: true },
    where: { deviceId, state: 'succeeded' },
    order: { position: 'DESC' },
    take: newestRuns,
  });
  const took = runs.flatMap(({ protocol: own, claimedAt, endedAt }) =>
    own.name === protocol && claimedAt !== null && endedAt !== null
      ? [(Date.parse(endedAt) - Date.parse(claimedAt)) / 60_000]
      : [],
  );
  return took.length === 0 ? undefined : took.reduce((sum, each) => sum + each, 0) / took.length;
}
