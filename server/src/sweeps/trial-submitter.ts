import { isLabError, JobCreate, measuringOf, type RunError, replicatesOf } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { JobService } from '../jobs/job.service.js';
import { Database } from '../links/database.js';
import { LiveService } from '../live/live.service.js';
import { SweepEntity } from './sweep.entity.js';
import { TrialEntity } from './trial.entity.js';
import { nextEnded } from './trial-settler.js';

/** Makes the jobs of proposed trials. */
@Injectable()
export class TrialSubmitter {
  constructor(
    private readonly database: Database,
    private readonly jobs: JobService,
    private readonly live: LiveService,
  ) {}

  /** Submits what a running sweep has proposed, in its order. A kill between any two of these steps repeats nothing. */
  async submit(sweepId: string): Promise<void> {
    const proposed = await this.database.reader
      .getRepository(TrialEntity)
      .find({ select: { id: true }, where: { sweepId, state: 'proposed' }, order: { number: 'ASC' } });
    for (const { id } of proposed) {
      try {
        await this.#begin(id);
      } catch (error) {
        // The lab's own trouble passes; what is wrong with the wish does not.
        if (!isLabError(error) || error.status >= 500) throw error;
        await this.#fail(id, { code: error.code, message: error.message.slice(0, 2000), cause: 'user' });
      }
    }
  }

  /** Trial and job move together or not at all. */
  #begin(id: string): Promise<void> {
    return this.database.write(
      async (manager) => {
        const trial = await manager.findOneBy(TrialEntity, { id, state: 'proposed' });
        const sweep = trial && (await manager.findOneBy(SweepEntity, { id: trial.sweepId, state: 'running' }));
        if (!trial || !sweep) return;
        const { file } = sweep;
        const wish = JobCreate.parse({
          name: `${file.name.slice(0, 80)} trial ${trial.number}`,
          model: trial.modelId,
          recipes: [trial.recipe],
          selector: { devices: [trial.deviceId], labels: {} },
          protocol: trial.protocol,
          settings: [trial.settings],
          ...measuringOf(file),
          ...(replicatesOf(file, trial.protocol) > 1 && { replicates: replicatesOf(file, trial.protocol) }),
        });
        const job = await this.jobs.create(sweep.actor, wish, { sweepId: sweep.id, priority: file.priority });
        await manager.update(TrialEntity, { id }, { state: 'running', jobId: job.id });
        this.#touch(trial);
      },
      { label: 'trial.submit' },
    );
  }

  #fail(id: string, error: RunError): Promise<void> {
    return this.database.write(
      async (manager) => {
        const trial = await manager.findOneBy(TrialEntity, { id, state: 'proposed' });
        if (!trial) return;
        const endedNumber = await nextEnded(manager, trial.sweepId);
        const endedAt = new Date().toISOString();
        await manager.update(TrialEntity, { id }, { state: 'failed', error, endedNumber, endedAt });
        this.#touch(trial);
      },
      { label: 'trial.refused' },
    );
  }

  #touch({ id, sweepId }: TrialEntity): void {
    this.database.afterCommit(() => {
      this.live.touch('trial', id);
      this.live.touch('sweep', sweepId);
    });
  }
}
