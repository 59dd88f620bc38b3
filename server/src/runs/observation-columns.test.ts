import { encodeColumns, type Observations } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { observationColumnsOf, observationCsv } from './observation-columns.js';
import { observationsWork } from './observations-task.js';

const batch = (seq: number, block: number, latencies: number[]): Observations => ({
  runId: 'run_00000001',
  fence: 1,
  seq,
  kind: 'latency',
  block,
  ...encodeColumns('latency', { latency_ms: latencies }),
});

describe('observation columns', () => {
  const columns = observationColumnsOf('latency', [batch(0, 0, [1.5, Number.NaN]), batch(1, 1, [2])]);

  it('[RUN-11] raw observations come back column by column; what is absent is null', () => {
    expect(columns).toEqual({ kind: 'latency', rows: 3, columns: { block: [0, 0, 1], latency_ms: [1.5, null, 2] } });
  });

  it('[RUN-11] or as CSV, where it is an empty field', () => {
    expect(observationCsv(columns)).toBe('block,latency_ms\n0,1.5\n0,\n1,2\n');
  });

  it('[RUN-11] both as text, made where the event loop does not wait for it', () => {
    const text = (format: 'json' | 'csv') =>
      Buffer.from(observationsWork({ segments: [], blobs: new Map(), kind: 'latency', format })).toString();
    expect(JSON.parse(text('json'))).toEqual({ kind: 'latency', rows: 0, columns: { block: [], latency_ms: [] } });
    expect(text('csv')).toBe('block,latency_ms\n');
  });
});
