import { describe, expect, it } from '@jest/globals';
import { chartModel } from './chart-model.js';
import { type SortColumn, sortRows } from './sort-rows.js';
import { testPoint } from './testing-points.js';

const points = [
  testPoint('r10', { latency_p50_ms: 30, accuracy: 0.9, energy_mj: 4 }),
  testPoint('r9', { latency_p50_ms: 10, accuracy: 0.8 }, { probability: 0.6, status: 'uncertain' }),
  testPoint('r1', { latency_p50_ms: 5, accuracy: 0.5, energy_mj: 9 }, { probability: 0, status: 'dominated' }),
];
const { marks } = chartModel({
  points,
  x: 'latency_p50_ms',
  y: 'accuracy',
  constraints: [],
  width: 900,
  height: 500,
  stairs: 'draw',
})!;
const sorted = (column: SortColumn, direction: 'up' | 'down' = 'up') =>
  sortRows(marks, { column, direction }).map((mark) => mark.label);

describe('sort rows', () => {
  it('[CHART-10] the table starts in the order of the keys and sorts by any column; what was not measured is last', () => {
    expect(sorted('order')).toEqual(['r9', 'r10', 'r1']);
    expect([sorted('name'), sorted('name', 'down')]).toEqual([
      ['r1', 'r9', 'r10'],
      ['r10', 'r9', 'r1'],
    ]);
    expect(sorted('latency_p50_ms')).toEqual(['r1', 'r9', 'r10']);
    expect([sorted('energy_mj'), sorted('energy_mj', 'down')]).toEqual([
      ['r10', 'r1', 'r9'],
      ['r1', 'r10', 'r9'],
    ]);
    expect([sorted('probability', 'down'), sorted('status')]).toEqual([
      ['r10', 'r9', 'r1'],
      ['r10', 'r9', 'r1'],
    ]);
  });
});
