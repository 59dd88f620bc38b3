import type { RuntimeName } from '@hilltop/contracts';
import { external } from './external/external.js';
import { microcontroller } from './microcontroller.js';
import { onnxruntime } from './onnxruntime.js';
import type { RuntimeContext, RuntimeDriver } from './runtime.js';
import { trtexec } from './trtexec/trtexec.js';

/** One row for each way to execute a variant. */
export const runtimes = {
  onnxruntime,
  trtexec,
  external,
  microcontroller,
} as const satisfies Record<RuntimeName, (context: RuntimeContext) => RuntimeDriver>;
