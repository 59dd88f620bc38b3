import type { PowerDocument, Sensor } from '@hilltop/contracts';
import type { Task } from '../links/worker-pool.js';
import { readSegments, type Segment } from '../runs/observation-store.js';
import { powerPicture } from './power-picture.js';

export interface PowerTaskInput {
  readonly segments: readonly Segment[];
  /** Compressed blobs that the segments lie in, by SHA-256. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly sensors: readonly Sensor[];
  readonly mostBuckets: number;
}

export const powerTask: Task<PowerTaskInput, PowerDocument> = { name: 'power' };

/** A fast meter leaves tens of thousands of rows a minute: not for the event loop. */
export function powerWork({ segments, blobs, ...rest }: PowerTaskInput): PowerDocument {
  return powerPicture({ batches: readSegments(segments, blobs), ...rest });
}
