import type { DeviceFrontier, FleetFrontier, Objective } from '@hilltop/contracts';
import type { Task } from '../links/worker-pool.js';
import { type DeviceFrontierInput, deviceFrontier } from './device-frontier.js';
import { type FleetDevice, fleetFrontier } from './fleet-frontier.js';

export interface FrontierTaskInput {
  readonly objectives: readonly Objective[];
  readonly devices: ReadonlyArray<Omit<DeviceFrontierInput, 'objectives'>>;
  /** Also over all devices. */
  readonly fleet?: readonly FleetDevice[];
}

export interface FrontierTaskOutput {
  readonly devices: DeviceFrontier[];
  readonly fleet?: FleetFrontier[];
}

export const frontierTask: Task<FrontierTaskInput, FrontierTaskOutput> = { name: 'frontier' };

export function frontierWork({ objectives, devices, fleet }: FrontierTaskInput): FrontierTaskOutput {
  return {
    devices: devices.map((device) => deviceFrontier({ ...device, objectives })),
    ...(fleet && { fleet: fleetFrontier(fleet, objectives) }),
  };
}
