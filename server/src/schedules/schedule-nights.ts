import type { Night, PageQuery } from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { GateService } from '../gates/gate.service.js';
import { ScheduleService } from './schedule.service.js';

/** Starts with what their gates say today: decisions of people move that, never the start. */
@Injectable()
export class ScheduleNights {
  constructor(
    private readonly schedules: ScheduleService,
    @Inject(GateService) private readonly gates: Pick<GateService, 'standings'>,
  ) {}

  /** Newest first. Throws `schedule.unknown`, `cursor.invalid`. */
  async of(idOrName: string, query: PageQuery): Promise<{ items: Night[]; next?: string }> {
    const starts = await this.schedules.starts(idOrName, query);
    const gates = await this.gates.standings(starts.items.flatMap(({ gateId }) => gateId ?? []));
    return {
      ...starts,
      items: starts.items.map((start) => {
        const gate = start.gateId === undefined ? undefined : gates.get(start.gateId);
        return { start, ...(gate && { gate }) };
      }),
    };
  }
}
