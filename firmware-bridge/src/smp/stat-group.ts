import * as z from 'zod';
import type { SmpClient } from './smp-client.js';

const group = 2;

/** Group 2: counters a firmware keeps. */
export const statGroup = {
  /** Names of the groups of counters. */
  list: async (client: SmpClient): Promise<readonly string[]> =>
    (
      await client.request({
        what: 'the list of its counters',
        operation: 'read',
        group,
        command: 1,
        payload: {},
        answer: z.object({ stat_list: z.array(z.string().max(100)).max(256) }),
      })
    ).stat_list,

  /** Counters of one group. */
  read: async (client: SmpClient, name: string): Promise<Readonly<Record<string, number>>> =>
    (
      await client.request({
        what: `its counters ${name}`,
        operation: 'read',
        group,
        command: 0,
        payload: { name },
        answer: z.object({ fields: z.record(z.string().max(100), z.number().int()) }),
      })
    ).fields,
};
