import { freshNames, opsetOf, unlistInitializers } from '../graph.js';
import { definePass, notApplicable } from '../pass.js';
import { bodiesOf } from '../weights/bodies.js';
import { storeEightBit } from '../weights/eight-bit.js';
import { storeFourBit } from '../weights/four-bit.js';

/** Weights stored in few bits, activations and arithmetic float32: the runtime turns them back into float32 once, at load. */
export const quantizeWeights = definePass({
  name: 'quantize-weights',
  version: 1,
  summary: 'Weights stored in 8 or 4 bits, computed in 32: a smaller file, same speed, no calibration',
  parameters: {
    bits: { type: 'integer', values: [8, 4], default: 8, description: 'Bits of a stored weight' },
    'block-size': {
      type: 'integer',
      values: [16, 32, 64, 128],
      default: 32,
      description: 'Values that share a scale, for 4 bits; 8-bit weights have one scale for each output channel',
    },
  },
  async apply(graph, { bits, 'block-size': blockSize }, { report }) {
    const opset = opsetOf(graph);
    // Opset 7 brought the broadcasting the unpacking relies on.
    if (opset < 7)
      throw notApplicable(
        'quantize-weights',
        `operator set ${opset} is too old: export the model with 13 or newer`,
        graph.body.node[0],
      );
    const fresh = freshNames(graph);
    let stored = 0;
    for (const body of bodiesOf(graph)) {
      if (bits === 4) stored += storeFourBit(body, fresh, blockSize, opset);
      // What 4 bits are too coarse for (depthwise filters) takes 8.
      stored += storeEightBit(body, fresh);
    }
    if (stored === 0)
      throw notApplicable('quantize-weights', 'it has no float32 weight large enough', graph.body.node[0]);
    report(`${stored} weights stored`);
    unlistInitializers(graph);
    return graph;
  },
});
