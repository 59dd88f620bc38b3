import type { Graph } from '../graph.js';
import type { Node, Tensor } from '../node.js';
import { dimsOf, float32Tensor, floatsOf } from '../tensor.js';
import { bodiesOf, channelAxis, weightsOf } from '../weights/bodies.js';

/** A weight that may be pruned, as a matrix with a row for each output channel, of the main graph or a sub-graph. */
export interface PrunableWeight {
  readonly name: string;
  readonly reader: Node;
  /** Whether it lies in the main graph. */
  readonly main: boolean;
  readonly tensor: Tensor;
  readonly rows: number;
  readonly columns: number;
  /** Columns are ordered channel, position. */
  readonly positions: number;
  /** `rows` x `columns`; a new copy each time it is asked for: all weights of a model at once would be twice the file. */
  readonly matrix: Float32Array;
  /** Sets the values of the matrix that are marked to zero. */
  clear(zeros: Uint8Array): void;
}

/** Rows of fewer values (depthwise filters) have none to spare. */
const fewest = 16;
/** Smaller weights save nothing worth the loss. */
const smallest = 256;

/** Weights that multiply: those of layers and recurrent operators; tables, biases and small weights stay as they are. */
export function prunableWeights(graph: Graph): PrunableWeight[] {
  return bodiesOf(graph).flatMap((body) =>
    weightsOf(body).flatMap((weight) => {
      const axis = channelAxis(weight);
      if (axis === undefined || weight.reader.opType === 'Gather') return [];
      const { name, tensor, reader } = weight;
      const dims = dimsOf(tensor);
      const data = floatsOf(tensor)!;
      const rows = dims[axis]!;
      const columns = data.length / rows;
      if (data.length < smallest || columns < fewest || !data.every(Number.isFinite)) return [];
      const inner = dims.slice(axis + 1).reduce((p, d) => p * d, 1);
      const at = (k: number): number => {
        const [row, column] = [Math.floor(k / columns), k % columns];
        return (Math.floor(column / inner) * rows + row) * inner + (column % inner);
      };
      const convolution = reader.opType === 'Conv' || reader.opType === 'ConvTranspose';
      return [
        {
          name,
          tensor,
          reader,
          main: body === graph.body,
          rows,
          columns,
          positions: convolution ? dims.slice(2).reduce((p, d) => p * d, 1) : 1,
          get matrix() {
            if (axis === 0 || tensor.rawData.length === 0) {
              const values = floatsOf(tensor)!;
              return axis === 0 ? values : values.map((_, k) => values[at(k)]!);
            }
            // One copy, not two.
            const { buffer, byteOffset, length } = tensor.rawData;
            const stored = new DataView(buffer, byteOffset, length);
            const matrix = new Float32Array(rows * columns);
            for (let k = 0; k < matrix.length; k++) matrix[k] = stored.getFloat32(4 * at(k), true);
            return matrix;
          },
          clear(zeros: Uint8Array) {
            const stored = floatsOf(tensor)!;
            for (let k = 0; k < zeros.length; k++) if (zeros[k]) stored[at(k)] = 0;
            const { rawData } = float32Tensor(name, dims, stored);
            tensor.rawData = rawData;
            tensor.floatData = [];
          },
        },
      ];
    }),
  );
}
