import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeTensorPack } from '@hilltop/contracts';
import { elementType, graph, model, node, valueInfo } from '../runtimes/onnx-bytes.js';

/** A model that says what it is told, and three items whose largest values are at 2, 0 and 0, labelled 2, 0 and 1. */
export async function threeItems(folder: string) {
  const pack = join(folder, 'pack');
  await writeFile(
    pack,
    encodeTensorPack({
      items: 3,
      classes: 3,
      labels: Int32Array.of(2, 0, 1),
      inputs: [{ type: 'uint8', dims: [3], scale: 0.5, offset: -1, data: Uint8Array.of(1, 2, 9, 3, 1, 1, 9, 8, 7) }],
    }),
  );
  return {
    identity: model(
      graph({
        nodes: [node('Identity', ['x'], ['y'])],
        inputs: [valueInfo('x', elementType.float32, [1, 3])],
        outputs: [valueInfo('y', elementType.float32, [1, 3])],
      }),
    ),
    pack,
    inputs: [{ name: 'x', type: 'float32', dims: [1, 3] }],
    outputs: [{ name: 'y', type: 'float32', dims: [1, 3] }],
    evaluation: { sha256: 'b'.repeat(64), bytes: 1, items: 3 },
  };
}
