import { finalSweepStates } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { In, IsNull, Not } from 'typeorm';
import { Database } from '../links/database.js';
import { SweepEntity } from '../sweeps/sweep.entity.js';
import { TrialEntity } from '../sweeps/trial.entity.js';
import { type NightTrial, type SweepNight, SweepNights } from './sweep-nights.js';

/** Sweeps as they are stored. */
@Injectable()
export class StoredNights extends SweepNights {
  constructor(private readonly database: Database) {
    super();
  }

  async find(idOrName: string): Promise<SweepNight | undefined> {
    const sweeps = this.database.reader.getRepository(SweepEntity);
    const row =
      (await sweeps.findOneBy({ id: idOrName })) ??
      (await sweeps.findOne({
        where: { name: idOrName, state: In([...finalSweepStates]) },
        order: { position: 'DESC' },
      }));
    return row ? nightOf(row) : undefined;
  }

  async series({ name, scheduleId }: { name?: string; scheduleId?: string }, most: number): Promise<SweepNight[]> {
    const rows = await this.database.reader.getRepository(SweepEntity).find({
      where: {
        state: In([...finalSweepStates]),
        ...(name !== undefined && { name }),
        ...(scheduleId !== undefined && { scheduleId }),
      },
      order: { position: 'DESC' },
      take: most,
    });
    return rows.reverse().map(nightOf);
  }

  async trials(sweepId: string): Promise<NightTrial[]> {
    const rows = await this.database.reader
      .getRepository(TrialEntity)
      .find({ where: { sweepId, jobId: Not(IsNull()) }, order: { number: 'ASC' } });
    return rows.map(({ jobId, reason }) => ({ jobId: jobId!, control: reason === 'control' }));
  }
}

function nightOf(row: SweepEntity): SweepNight {
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    protocol: row.file.protocol,
    control: row.file.control,
    // A model's quality is what it has: agreement instead of accuracy where nothing is labelled.
    objectives: [
      ...new Set([row.objectives, ...Object.values(row.plan.objectives)].flat().map(({ metric }) => metric)),
    ],
    ...(row.scheduleId !== null && { scheduleId: row.scheduleId }),
    at: row.endedAt ?? row.createdAt,
  };
}
