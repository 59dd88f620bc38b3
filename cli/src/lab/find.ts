import { Device, LabError, Model } from '@hilltop/contracts';
import { nearest } from '../shell/nearest.js';
import type { LabClient } from './client.js';

/** A device by id or name. Throws `device.unknown` with the nearest name. */
export async function findDevice(client: LabClient, wanted: string): Promise<Device> {
  const devices = await client.list<Device>('/api/v1/devices', Device);
  return devices.find(matches(wanted)) ?? refuse('device.unknown', 'device', wanted, devices);
}

/** A model by id or name. Throws `request.not-found` with the nearest name. */
export async function findModel(client: LabClient, wanted: string): Promise<Model> {
  const models = await client.list<Model>('/api/v1/models', Model);
  return models.find(matches(wanted)) ?? refuse('request.not-found', 'model', wanted, models);
}

const matches = (wanted: string) => (thing: { id: string; name: string }) =>
  thing.id === wanted || thing.name === wanted;

function refuse(
  code: 'device.unknown' | 'request.not-found',
  noun: string,
  wanted: string,
  known: readonly { name: string }[],
): never {
  const suggestion = nearest(
    wanted,
    known.map((thing) => thing.name),
  );
  const remedy = suggestion ? `did you mean ${suggestion}?` : `\`hilltop ${noun}s\` lists them`;
  throw new LabError(code, `there is no ${noun} "${wanted}": ${remedy}`, { wanted, ...(suggestion && { suggestion }) });
}
