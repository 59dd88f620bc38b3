import { create, toBinary } from '@bufbuild/protobuf';
import { GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import { makeNode } from './node.js';
import { DataType } from './tensor.js';

/** A model of one node: c = a^T b for float32 matrices of any size. */
export function transposedProductModel(): Uint8Array {
  const matrix = (name: string, rows: string, columns: string) =>
    create(ValueInfoProtoSchema, {
      name,
      type: {
        value: {
          case: 'tensorType',
          value: {
            elemType: DataType.FLOAT,
            shape: { dim: [rows, columns].map((d) => ({ value: { case: 'dimParam' as const, value: d } })) },
          },
        },
      },
    });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 7n,
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 13n })],
      graph: create(GraphProtoSchema, {
        name: 'product',
        node: [makeNode('Gemm', ['a', 'b'], ['c'], { transA: 1 })],
        input: [matrix('a', 'r', 'n'), matrix('b', 'r', 'm')],
        output: [matrix('c', 'n', 'm')],
      }),
    }),
  );
}
