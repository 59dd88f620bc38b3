/** A run of the model with ONNX Runtime's own profiling: apart from all that is measured, for it slows every kernel down. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { Failure } from './child-failure.js';
import { Model } from './child-model.js';
import { send } from './child-output.js';
import type { ChildTask } from './child-wire.js';
import { parseOrtProfile } from './ort-profile.js';

const filePrefix = 'profile';
/** ONNX Runtime keeps about 1 kB for each node of each inference until the end. */
const mostInferences = 60;
const fewestInferences = 3;

/** Profiles for about `rule.minMs` and sends the layers. */
export async function profile(task: ChildTask): Promise<void> {
  const model = await Model.load(task, { enableProfiling: true, profileFilePrefix: filePrefix });
  const start = performance.now();
  let inferences = 0;
  do {
    await model.run();
    inferences++;
  } while (
    inferences < fewestInferences ||
    (inferences < mostInferences && performance.now() - start < task.rule.minMs)
  );
  model.session.endProfiling();
  const file = readdirSync('.').find((name) => name.startsWith(filePrefix) && name.endsWith('.json'));
  if (file === undefined) throw new Failure('run.crashed', 'ONNX Runtime wrote no profile', 'device');
  // The first ones allocate and touch everything for the first time.
  const skipped = Math.floor(inferences / 3);
  send({ type: 'profiled', layers: parseOrtProfile(linesOf(file), skipped, task.profileLayers ?? 1) });
}

/** A file's lines, without having all of it in memory. */
function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(1 << 20);
  let rest = '';
  try {
    for (;;) {
      const length = readSync(file, buffer, 0, buffer.length, null);
      if (length === 0) break;
      // Names of other alphabets may be cut in two here: then that one line is passed over.
      const lines = (rest + buffer.toString('utf8', 0, length)).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    yield rest;
  } finally {
    closeSync(file);
  }
}
