import { type Baseline, type BaselinePin, hasSweepEnded, LabError } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import type * as z from 'zod';
import type { Actor } from '../access/actor.js';
import { newId } from '../ids.js';
import { Database } from '../links/database.js';
import { BaselineEntity } from './baseline.entity.js';
import { baselineView } from './gate-view.js';
import { type SweepNight, SweepNights } from './sweep-nights.js';

/** Reference results by name: a sweep, pinned. */
@Injectable()
export class BaselineService {
  constructor(
    private readonly database: Database,
    private readonly sweeps: SweepNights,
  ) {}

  /** Throws `sweep.unknown`, `sweep.not-ended`, `baseline.name-taken`. */
  async pin(actor: Actor, wish: z.output<typeof BaselinePin>): Promise<Baseline> {
    const sweep = await this.ended(wish.sweep);
    const row = {
      id: newId('base'),
      name: wish.name,
      sweepId: sweep.id,
      sweepName: sweep.name,
      createdBy: actor.name,
      createdAt: new Date().toISOString(),
    };
    await this.database.write(
      async (manager) => {
        const taken = await manager.findOneBy(BaselineEntity, { name: wish.name });
        if (taken && !wish.replace)
          throw new LabError(
            'baseline.name-taken',
            `there is already a baseline ${wish.name}, of sweep ${taken.sweepId}; \`--replace\` moves it, or choose another name`,
            { baseline: taken.id },
          );
        if (taken) await manager.delete(BaselineEntity, { id: taken.id });
        await manager.insert(BaselineEntity, row);
      },
      { label: 'baseline.pin' },
    );
    return baselineView(row);
  }

  /** By name. */
  async list(): Promise<Baseline[]> {
    const rows = await this.database.reader.getRepository(BaselineEntity).find({ order: { name: 'ASC' } });
    return rows.map(baselineView);
  }

  /** By id or name. Throws `baseline.unknown`. */
  async show(idOrName: string): Promise<Baseline> {
    const rows = await this.database.reader
      .getRepository(BaselineEntity)
      .find({ where: [{ id: idOrName }, { name: idOrName }] });
    const row = rows.find(({ id }) => id === idOrName) ?? rows[0];
    if (!row)
      throw new LabError(
        'baseline.unknown',
        `there is no baseline ${JSON.stringify(idOrName)}; \`hilltop baseline ls\` lists them, \`hilltop baseline pin NAME SWEEP\` makes one`,
        { baseline: idOrName },
      );
    return baselineView(row);
  }

  /** The sweep stays, and what was judged by it. Throws `baseline.unknown`. */
  async rm(idOrName: string): Promise<void> {
    const { id } = await this.show(idOrName);
    await this.database.write((manager) => manager.delete(BaselineEntity, { id }), { label: 'baseline.rm' });
  }

  /** Throws `sweep.unknown`, `sweep.not-ended`. */
  async ended(idOrName: string): Promise<SweepNight> {
    const sweep = await this.sweeps.find(idOrName);
    if (!sweep)
      throw new LabError(
        'sweep.unknown',
        `there is no sweep ${JSON.stringify(idOrName)} that has ended; \`hilltop sweeps\` lists them`,
        { sweep: idOrName },
      );
    if (!hasSweepEnded(sweep.state))
      throw new LabError(
        'sweep.not-ended',
        `sweep ${sweep.id} is ${sweep.state}; \`hilltop sweep show ${sweep.id} --wait\` waits for its end`,
        { state: sweep.state },
      );
    return sweep;
  }
}
