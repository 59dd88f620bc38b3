import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { create, toBinary } from '@bufbuild/protobuf';
import type { ErrorCode } from '@hilltop/contracts';
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { readGraph } from './graph.js';
import { createHost } from './host.js';
import { makeNode } from './node.js';
import { DataType, int64Tensor } from './tensor.js';
import { modelOf, randomPack, residualNet } from './testing/models.js';

const host = createHost();
afterAll(() => host.close());

const inputs = [{ name: 'x', dims: ['N', 4] }];
const outputs = [{ name: 'y', dims: ['N', 4] }];
const relu = modelOf({ nodes: [makeNode('Relu', ['x'], ['y'])], inputs, outputs });
const refusal = (code: ErrorCode, details: Record<string, unknown> = {}) =>
  expect.objectContaining({ code, details: expect.objectContaining(details) });

/** 75 bytes that ask for 8 GiB. */
const bomb = modelOf({
  nodes: [
    makeNode('ConstantOfShape', ['s'], ['b']),
    makeNode('ReduceSum', ['b'], ['r'], { keepdims: 0 }),
    makeNode('Add', ['x', 'r'], ['y']),
  ],
  inputs,
  outputs,
  initializers: [int64Tensor('s', [1], [2n ** 31n])],
});

/** A Loop of 2^60 rounds. */
function endless(): Uint8Array {
  const value = (name: string, elemType: DataType) =>
    create(ValueInfoProtoSchema, {
      name,
      type: { value: { case: 'tensorType', value: { elemType, shape: { dim: [] } } } },
    });
  const body = create(GraphProtoSchema, {
    name: 'body',
    node: [makeNode('Identity', ['go'], ['still']), makeNode('Add', ['sum', 'sum'], ['more'])],
    input: [value('i', DataType.INT64), value('go', DataType.BOOL), value('sum', DataType.FLOAT)],
    output: [value('still', DataType.BOOL), value('more', DataType.FLOAT)],
  });
  const loop = makeNode('Loop', ['rounds', '', 'start'], ['end']);
  loop.attribute.push(
    create(AttributeProtoSchema, { name: 'body', type: AttributeProto_AttributeType.GRAPH, g: body }),
  );
  const graph = readGraph(
    modelOf({
      nodes: [makeNode('ReduceSum', ['x'], ['start'], { keepdims: 0 }), loop, makeNode('Add', ['x', 'end'], ['y'])],
      inputs,
      outputs,
      initializers: [int64Tensor('rounds', [], [2n ** 60n])],
    }),
  );
  return toBinary(ModelProtoSchema, graph.model);
}

describe('host', () => {
  it('says what a model takes and gives', async () => {
    const tensor = { type: 'float32', dims: ['N', 4] };
    expect(await host.inspect(relu)).toEqual({
      inputs: [{ name: 'x', ...tensor }],
      outputs: [{ name: 'y', ...tensor }],
    });
  });

  it('folds BatchNormalization into Conv', async () => {
    const optimized = readGraph(await host.optimize(residualNet(), { level: 'basic' }));
    expect(optimized.body.node.filter((n) => n.opType === 'BatchNormalization')).toEqual([]);
  });

  it('finds types and shapes of inner tensors, with data and without', async () => {
    const wanted = [
      { tensor: 'c1', type: 'float32', dims: [1, 16, 8, 8] },
      { tensor: 'f', type: 'float32', dims: [1, 40] },
    ];
    expect(await host.shapes(residualNet(), ['c1', 'f'], { pack: randomPack(2, [3, 8, 8]) })).toEqual(wanted);
    expect(await host.shapes(residualNet(), ['c1', 'f'], { dims: {} })).toEqual(wanted);
  });

  it('tells classes and accuracy', async () => {
    const data = new Uint8Array(Float32Array.of(1, 2, 0, 0, 0, 0, 9, 1).buffer);
    const pack = {
      items: 2,
      inputs: [{ type: 'float32' as const, dims: [4], scale: 1, offset: 0, data }],
      labels: Int32Array.of(1, 3),
      classes: 4,
    };
    expect(await host.evaluate(relu, pack)).toEqual({ predicted: Int32Array.of(1, 2), accuracy: 0.5 });
  });

  it('names the operator ONNX Runtime lacks', async () => {
    const model = modelOf({ nodes: [makeNode('NoSuchOp', ['x'], ['y'], {}, { name: 'mystery' })], inputs, outputs });
    await expect(host.inspect(model)).rejects.toEqual(refusal('model.op-unsupported', { op: 'NoSuchOp' }));
  });

  it('refuses a model that contradicts itself', async () => {
    const model = modelOf({ nodes: [makeNode('Relu', ['nowhere'], ['y'])], inputs, outputs });
    await expect(host.inspect(model)).rejects.toEqual(refusal('run.model-rejected'));
  });

  it('survives a model that asks for 8 GiB', async () => {
    if (!host.capped) return;
    await expect(host.outputs(bomb, randomPack(1, [4]))).rejects.toEqual(refusal('run.out-of-memory'));
    expect(await host.outputs(relu, randomPack(1, [4]))).toMatchObject({ perItem: 4 });
  });

  it('ends a model that never ends, by the clock, and works on', async () => {
    const hasty = createHost({ wallMs: 1500 });
    await expect(hasty.outputs(endless(), randomPack(1, [4]))).rejects.toEqual(refusal('run.timeout'));
    expect(await hasty.outputs(relu, randomPack(1, [4]))).toMatchObject({ perItem: 4 });
    await hasty.close();
  });

  it('ends a model that never ends, by its CPU time', async () => {
    if (!host.capped) return;
    const frugal = createHost({ cpuSecondsLimit: 1 });
    await expect(frugal.outputs(endless(), randomPack(1, [4]))).rejects.toEqual(refusal('run.cpu-limit'));
    await frugal.close();
  });

  it('is cancelled by its signal, before and during a call', async () => {
    await expect(host.inspect(relu, AbortSignal.abort())).rejects.toEqual(refusal('run.cancelled'));
    await expect(host.outputs(endless(), randomPack(1, [4]), AbortSignal.timeout(700))).rejects.toEqual(
      refusal('run.cancelled'),
    );
    expect(await host.outputs(relu, randomPack(1, [4]))).toMatchObject({ perItem: 4 });
  });

  it('leaves no directory behind', async () => {
    const mine = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('hilltop-host-'));
    const before = mine();
    const short = createHost();
    await short.inspect(relu);
    expect(mine().length).toBeGreaterThan(before.length - 1);
    await short.close();
    await short.close();
    expect(mine().filter((name) => !before.includes(name))).toEqual([]);
    await expect(short.inspect(relu)).rejects.toEqual(refusal('run.cancelled'));
  });
});
