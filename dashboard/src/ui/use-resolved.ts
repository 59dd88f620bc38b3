import type { Device, Model } from '@hilltop/contracts';
import { useTopic } from '../app/lab-context.js';

export type Resolved<T> =
  | { readonly state: 'waiting' }
  | { readonly state: 'missing' }
  | { readonly state: 'found'; readonly value: T };

/** The device or model that an address names, by id or by name. */
export function useResolved(kind: 'device', key: string): Resolved<Device>;
export function useResolved(kind: 'model', key: string): Resolved<Model>;
export function useResolved(kind: 'device' | 'model', key: string): Resolved<Device | Model> {
  const topic = useTopic('lab');
  const map: ReadonlyMap<string, Device | Model> = topic.entities[kind];
  const value = map.get(key) ?? [...map.values()].find((each) => each.name === key);
  if (value) return { state: 'found', value };
  return { state: topic.phase === 'waiting' ? 'waiting' : 'missing' };
}
