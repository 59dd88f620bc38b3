import { isLabError, LabError, Sweep } from '@hilltop/contracts';
import { nearest } from '../shell/nearest.js';
import type { LabClient } from './client.js';

/** A sweep by id, or the newest of a name: nights have the same. Throws `sweep.unknown` with the nearest name. */
export async function findSweep(client: LabClient, wanted: string): Promise<Sweep> {
  try {
    return await client.get(`/api/v1/sweeps/${encodeURIComponent(wanted)}`, Sweep);
  } catch (error) {
    // A name is no id, which may be refused before it is looked for.
    if (
      !isLabError(error, 'sweep.unknown') &&
      !isLabError(error, 'request.invalid') &&
      !isLabError(error, 'request.not-found')
    )
      throw error;
  }
  const all = await client.list<Sweep>('/api/v1/sweeps', Sweep);
  const [newest] = all.filter(({ name }) => name === wanted).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  if (newest) return newest;
  const suggestion = nearest(
    wanted,
    all.map(({ name }) => name),
  );
  const remedy = suggestion ? `did you mean ${suggestion}?` : '`hilltop sweeps` lists them';
  throw new LabError('sweep.unknown', `there is no sweep "${wanted}": ${remedy}`, { wanted });
}
