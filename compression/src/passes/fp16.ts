import { freshNames, unlistInitializers } from '../graph.js';
import { makeNode, type Node, type Tensor } from '../node.js';
import { definePass } from '../pass.js';
import { DataType, dimsOf, float16Tensor, floatsOf } from '../tensor.js';
import { bodiesOf, replaceWeights, weightsOf } from '../weights/bodies.js';

/** Largest finite float16. */
const largest = 65504;
/** Bytes a Cast node and a second name cost; smaller weights stay as they are. */
const overhead = 40;

/** Weights stored as float16, cast back to float32; ONNX Runtime does that once, when it loads the model. */
export const fp16 = definePass({
  name: 'fp16',
  version: 1,
  summary: 'Weights stored in 16 bits, computed in 32: half the file, same speed',
  parameters: {},
  async apply(graph, _parameters, { report }) {
    const left: string[] = [];
    const fresh = freshNames(graph);
    for (const body of bodiesOf(graph)) {
      const stored: Tensor[] = [];
      const nodes: Node[] = [];
      const names = new Set<string>();
      for (const { name, tensor } of weightsOf(body)) {
        const data = floatsOf(tensor)!;
        if (data.length * 2 < overhead + 2 * name.length) continue;
        if (data.some((v) => Math.abs(v) > largest)) {
          left.push(name);
          continue;
        }
        const half = fresh('h');
        stored.push(float16Tensor(half, dimsOf(tensor), data));
        nodes.push(makeNode('Cast', [half], [name], { to: DataType.FLOAT }));
        names.add(name);
      }
      replaceWeights(body, names, stored, nodes);
    }
    if (left.length > 0)
      report(
        `left in 32 bits, values beyond 65,504: ${left.slice(0, 5).join(', ')}${left.length > 5 ? ` and ${left.length - 5} more` : ''}`,
      );
    unlistInitializers(graph);
    return graph;
  },
});
