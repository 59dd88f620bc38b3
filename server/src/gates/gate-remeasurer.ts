import { errorText, type Gate, type GateRemeasure, isLabError, JobCreate, LabError } from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type * as z from 'zod';
import type { Actor } from '../access/actor.js';
import { JobService } from '../jobs/job.service.js';
import { GateService } from './gate.service.js';
import { SweepNights } from './sweep-nights.js';

/** Measures what somebody calls noise again, under `strict`. */
@Injectable()
export class GateRemeasurer {
  constructor(
    @Inject(JobService) private readonly jobs: Pick<JobService, 'create'>,
    private readonly gates: GateService,
    private readonly sweeps: SweepNights,
  ) {}

  /**
   * The decision comes first, so that two who ask make one job; where no job can be made it is taken back.
   * Throws what deciding a row and submitting a job throw.
   */
  async remeasure(actor: Actor, id: string, row: number, wish: z.output<typeof GateRemeasure>): Promise<Gate> {
    const gate = await this.gates.decide(actor, id, row, { ...wish, state: 'noise' });
    const { modelId, recipe, settings, deviceId, decision } = gate.rows.find((each) => each.row === row)!;
    const control = (await this.sweeps.find(gate.sweepId))?.control;
    try {
      const job = await this.jobs.create(
        actor,
        JobCreate.parse({
          model: modelId,
          // A change means something only beside what the control did meanwhile.
          recipes: [...new Set([...(control === undefined ? [] : [control]), recipe])],
          selector: { devices: [deviceId] },
          protocol: 'strict',
          settings: [settings],
        }),
      );
      return await this.gates.measuredBy(id, row, decision!.n, job.id);
    } catch (error) {
      const code = isLabError(error) ? error.code : 'lab.internal';
      await this.gates.decide(actor, id, row, { state: 'reopened', comment: `not measured again: ${code}` });
      throw error instanceof LabError ? error : new LabError('lab.internal', errorText(error), {}, { cause: error });
    }
  }
}
