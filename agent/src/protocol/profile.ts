import { encodeProfile, type LayerProfile, type Protocol } from '@hilltop/contracts';
import type { BlockResult } from '../runtimes/runtime.js';

/** A process of its own starts in about so long and runs the model for so long, ms. */
const fixedMs = 500;
/** Inferences it takes at least. */
const fewestInferences = 3;
/** What a `quick` run may spend on it, ms. */
const quickMs = 1000;

/** Whether a run is profiled: always, but a `quick` one only where that takes less than a second. */
export function worthProfiling(
  protocol: Pick<Protocol, 'name'>,
  process: Pick<BlockResult['process'], 'load_ms' | 'first_inference_ms'>,
): boolean {
  return (
    protocol.name !== 'quick' || fixedMs + process.load_ms + fewestInferences * process.first_inference_ms < quickMs
  );
}

/** Rows of one batch of observations, below `Observations`' 65,536. */
const partBytes = 60_000;

/** A profile's bytes, batch by batch; nothing where there is no layer. */
export function* profileParts(layers: readonly LayerProfile[]): Generator<Uint8Array> {
  if (layers.length === 0) return;
  const bytes = encodeProfile(layers);
  for (let at = 0; at < bytes.length; at += partBytes) yield bytes.subarray(at, at + partBytes);
}
