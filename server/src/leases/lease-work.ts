import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

export interface HolderWork {
  readonly owner: string;
  readonly deviceId: string;
  readonly state: 'waiting' | 'running';
}

/** What the holders' jobs do with the devices they hold. */
export type WorkSource = (
  manager: EntityManager,
  holds: ReadonlyArray<{ owner: string; deviceId: string }>,
) => Promise<readonly HolderWork[]>;

/** Jobs take a granted lease at once and keep one that is ending; whoever knows of jobs says so here. */
@Injectable()
export class LeaseWork {
  #source: WorkSource = async () => [];

  register(source: WorkSource): void {
    this.#source = source;
  }

  /** `running` wins over `waiting`. */
  async of(
    manager: EntityManager,
    holds: ReadonlyArray<{ owner: string; deviceId: string }>,
  ): Promise<(owner: string, deviceId: string) => HolderWork['state'] | undefined> {
    const known = new Map<string, HolderWork['state']>();
    if (holds.length > 0)
      for (const { owner, deviceId, state } of await this.#source(manager, holds)) {
        const key = `${owner} ${deviceId}`;
        if (known.get(key) !== 'running') known.set(key, state);
      }
    return (owner, deviceId) => known.get(`${owner} ${deviceId}`);
  }
}
