import type { RuntimeName } from '@hilltop/contracts';
import { microcontroller } from './microcontroller.js';
import { onnxruntime } from './onnxruntime.js';
import type { RuntimeContext, RuntimeDriver } from './runtime.js';

/** One row for each way to execute a variant. */
export const runtimes = {
  onnxruntime,
  microcontroller,
} as const satisfies Record<RuntimeName, (context: RuntimeContext) => RuntimeDriver>;
