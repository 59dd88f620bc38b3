import type { Known } from '../known.js';

const createdAt = '2026-11-24T10:00:00.000Z';
const byId = (...values: readonly object[]): ReadonlyMap<string, never> =>
  new Map(values.map((value) => [(value as { id: string }).id, { createdAt, ...value } as never]));

/** A lab with one thing of each kind, called as in the examples of the verb table. Only what the palette reads. */
export function knownLab(role: 'viewer' | 'operator' | 'admin' = 'admin'): Known {
  const user = { id: 'usr_ana', name: 'Ana', role, createdAt };
  return {
    entities: {
      device: byId(
        { id: 'dev_1', name: 'bench-pi', state: 'available' },
        { id: 'dev_2', name: 'jetson-1', state: 'quarantined' },
        { id: 'dev_3', name: 'pico-1', state: 'available' },
      ),
      model: byId({ id: 'mod_1', name: 'net' }),
      job: byId(
        { id: 'job_1', name: 'night job', modelName: 'net', recipes: ['fp32'], state: 'running' },
        { id: 'job_2', modelName: 'net', recipes: ['fp32'], state: 'succeeded', createdAt: '2026-11-24T09:00:00.000Z' },
      ),
      sweep: byId({ id: 'swp_1', name: 'nightly', state: 'running' }),
      schedule: byId({ id: 'sch_1', name: 'nightly', cron: '0 2 * * *', paused: false }),
      gate: byId({ id: 'gate_1', sweepName: 'nightly', baselineName: 'v1.2', verdict: 'worse' }),
      reservation: byId(
        {
          id: 'lea_1',
          revision: 4,
          state: 'held',
          holder: { owner: 'usr_ana', name: 'Ana' },
          deviceId: 'dev_1',
          candidates: ['dev_1'],
        },
        {
          id: 'lea_2',
          revision: 2,
          state: 'held',
          holder: { owner: 'usr_mira', name: 'Mira' },
          deviceId: 'dev_3',
          candidates: ['dev_3'],
        },
      ),
    },
    me: { user, tokenId: 'tok_1', role },
    people: [],
    address: 'http://lab/models/net',
  };
}
