import { encodeColumns, encodeProfile, type Observations, profileColumns } from '@hilltop/contracts';
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
  it('[PROF-5] a profile comes back as its layers, whole or in several batches', () => {
    const layers = [
      { name: 'conv, "first"', op: 'Conv', provider: 'cpu', meanMs: 0.25, inferences: 40 },
      { name: 'relu', op: 'Relu', meanMs: 0.5, inferences: 40 },
    ];
    const bytes = encodeProfile(layers);
    const part = (seq: number, byte: Uint8Array): Observations => ({
      ...batch(seq, 0, [1]),
      kind: 'profile',
      ...encodeColumns('profile', { byte }),
    });
    const decoded = observationColumnsOf('profile', [part(0, bytes.subarray(0, 7)), part(1, bytes.subarray(7))]);
    expect(decoded).toEqual({ kind: 'profile', ...profileColumns(layers) });
    expect(observationCsv(decoded)).toBe(
      'name,op,provider,mean_ms,inferences\n"conv, ""first""",Conv,cpu,0.25,40\nrelu,Relu,,0.5,40\n',
    );
  });

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
