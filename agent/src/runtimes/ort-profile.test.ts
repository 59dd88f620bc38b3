import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseOrtProfile } from './ort-profile.js';

// Captured from onnxruntime-node 1.30 (arguments about memory left out), and constructed around it.
const session = (name: string, ts: number, dur: number) =>
  `{"cat" : "Session","pid" :32274,"tid" :32274,"dur" :${dur},"ts" :${ts},"ph" : "X","name" :"${name}","args" : {}},`;
const node = (name: string, ts: number, dur: number, args: Record<string, string> = {}) =>
  `{"cat" : "Node","pid" :32274,"tid" :32274,"dur" :${dur},"ts" :${ts},"ph" : "X","name" :"${name}_kernel_time","args" : ${JSON.stringify({ op_name: 'Conv', node_index: '39', provider: 'CPUExecutionProvider', ...args })}},`;

describe('parseOrtProfile', () => {
  it('[PROF-1] gives the mean of each layer over the runs that count, in the order of execution', () => {
    const run = (at: number, conv: number) => [
      node('relu_nchwc', at, conv),
      node('ReorderOutput', at + conv + 2, 6, { op_name: 'ReorderOutput', node_index: '49' }),
      session('SequentialExecutor::Execute', at - 1, conv + 10),
      session('model_run', at - 3, conv + 14),
    ];
    const lines = ['[', session('session_initialization', 776, 8069), ...run(12_356, 900), ...run(13_400, 70)];
    expect(parseOrtProfile([...lines, ...run(13_500, 80), ']'], 1, 500)).toEqual([
      { name: 'relu_nchwc', op: 'Conv', provider: 'cpu', meanMs: 0.075, inferences: 2 },
      { name: 'ReorderOutput', op: 'ReorderOutput', provider: 'cpu', meanMs: 0.006, inferences: 2 },
    ]);
  });

  it('[PROF-1] takes the nodes of a subgraph off the node around them, whatever order they are told in', () => {
    const lines = [
      node('inner', 105, 40, { op_name: 'MatMul', node_index: '0' }),
      node('inner', 146, 40, { op_name: 'MatMul', node_index: '0' }),
      node('loop', 100, 100, { op_name: 'Loop', node_index: '1' }),
      node('', 200, 7, { op_name: 'Relu', node_index: '2', provider: 'CUDAExecutionProvider' }),
      session('model_run', 99, 110),
    ];
    expect(parseOrtProfile(lines, 0, 500)).toEqual([
      { name: 'loop', op: 'Loop', provider: 'cpu', meanMs: 0.02, inferences: 1 },
      { name: 'inner', op: 'MatMul', provider: 'cpu', meanMs: 0.08, inferences: 1 },
      { name: 'Relu 2', op: 'Relu', provider: 'cuda', meanMs: 0.007, inferences: 1 },
    ]);
  });

  it('[PROF-1] keeps to the longest layers and sums the others', () => {
    const lines = [5, 90, 7, 80].map((dur, i) => node(`n${i}`, i * 100, dur, { node_index: String(i) }));
    expect(
      parseOrtProfile([...lines, session('model_run', 0, 400)], 0, 3).map(({ name, meanMs }) => [name, meanMs]),
    ).toEqual([
      ['n1', 0.09],
      ['n3', 0.08],
      ['others', 0.012],
    ]);
  });

  it('[PROF-1] no run, no layers; a line of something else is passed over', () => {
    expect(parseOrtProfile([node('a', 0, 5)], 0, 500)).toEqual([]);
    expect(parseOrtProfile([node('a', 0, 5), session('model_run', 0, 9)], 1, 500)).toEqual([]);
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json())), (junk) => {
        const lines = [...junk, node('a', 0, 5), session('model_run', 0, 9)];
        expect(parseOrtProfile(lines, 0, 500).at(-1)).toMatchObject({ name: 'a', inferences: 1 });
      }),
    );
  });
});
