/**
 * Just enough protobuf to write a small ONNX model (onnx.proto3, IR version 8): the null model and the
 * malicious ones of the tests need no library and no committed binaries.
 */
export type Proto = ReadonlyArray<readonly [field: number, value: number | bigint | string | Uint8Array | Proto]>;

/** Serialises fields in order: numbers as varints, the rest length-delimited. */
export function protobuf(fields: Proto): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [field, value] of fields) {
    if (typeof value === 'number' || typeof value === 'bigint') {
      parts.push(varint(BigInt(field) << 3n), varint(BigInt(value)));
    } else {
      const bytes =
        typeof value === 'string'
          ? new TextEncoder().encode(value)
          : value instanceof Uint8Array
            ? value
            : protobuf(value);
      parts.push(varint((BigInt(field) << 3n) | 2n), varint(BigInt(bytes.length)), bytes);
    }
  }
  return Buffer.concat(parts);
}

function varint(value: bigint): Uint8Array {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    out.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(out);
}

/** ONNX element types used here. */
export const elementType = { float32: 1, int64: 7, bool: 9 } as const;

/** ValueInfoProto of a tensor; an axis with a name is free. */
export function valueInfo(name: string, type: number, dims: ReadonlyArray<number | string>): Proto {
  return [
    [1, name],
    [
      2,
      [
        [
          1,
          [
            [1, type],
            [2, dims.map((d) => [1, [[typeof d === 'string' ? 2 : 1, d]]] as const)],
          ],
        ],
      ],
    ],
  ];
}

/** NodeProto without attributes; those are appended as field 5. */
export function node(op: string, inputs: readonly string[], outputs: readonly string[], attributes: Proto = []): Proto {
  return [
    ...inputs.map((name) => [1, name] as const),
    ...outputs.map((name) => [2, name] as const),
    [4, op],
    ...attributes,
  ];
}

/** GraphProto: nodes 1, name 2, initializers 5, inputs 11, outputs 12. */
export function graph(parts: {
  nodes: readonly Proto[];
  initializers?: readonly Proto[];
  inputs: readonly Proto[];
  outputs: readonly Proto[];
}): Proto {
  return [
    ...parts.nodes.map((n) => [1, n] as const),
    [2, 'graph'],
    ...(parts.initializers ?? []).map((t) => [5, t] as const),
    ...parts.inputs.map((v) => [11, v] as const),
    ...parts.outputs.map((v) => [12, v] as const),
  ];
}

/** ModelProto around a graph, default operator set 17. */
export function model(body: Proto): Uint8Array {
  return protobuf([
    [1, 8],
    [7, body],
    [
      8,
      [
        [1, ''],
        [2, 17],
      ],
    ],
  ]);
}
