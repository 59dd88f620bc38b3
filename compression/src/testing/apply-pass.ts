import type { TensorPack } from '@hilltop/contracts';
import { readGraph, writeGraph } from '../graph.js';
import type { Host } from '../host.js';
import type { Pass, PassParameters } from '../pass.js';

export interface PassData {
  readonly host: Host;
  readonly calibration?: TensorPack;
  readonly validation?: TensorPack;
  /** The model before the first step; default: the bytes given. */
  readonly source?: Uint8Array;
}

/** Applies one pass with its defaults and `given` on top. */
export async function applyPass(pass: Pass, bytes: Uint8Array, given: PassParameters, data: PassData) {
  const defaults = Object.fromEntries(Object.entries(pass.parameters).map(([name, spec]) => [name, spec.default]));
  const notes: string[] = [];
  const graph = await pass.apply(
    readGraph(bytes),
    { ...defaults, ...given },
    { source: bytes, ...data, report: (note) => notes.push(note), progress: () => undefined },
  );
  return { graph, bytes: writeGraph(graph), notes };
}
