import { ObservationKind, PageQuery, pageOf, Run, RunState } from '@hilltop/contracts';
import { Controller, Get, Param, Query, StreamableFile } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { RunService } from './run.service.js';

const text = z.string().min(1).max(100).optional();
const RunQuery = PageQuery.extend({ job: text, device: text, model: text, state: RunState.optional() });
const RunId = z.string().min(1).max(100);
const ObservationQuery = z.strictObject({
  kind: ObservationKind.default('latency'),
  attempt: z.coerce.number().int().min(1).max(100).optional(),
  format: z.enum(['json', 'csv']).default('json'),
});
const Columns = z.object({
  kind: ObservationKind,
  rows: z.number().int(),
  columns: z.record(z.string(), z.array(z.union([z.number(), z.string()]).nullable())),
});

@Controller('api/v1/runs')
export class RunController {
  constructor(private readonly runs: RunService) {}

  @Get()
  @Access('viewer')
  @Answer(pageOf(Run), 'List the runs, newest first')
  list(@Query(zod(RunQuery)) query: z.output<typeof RunQuery>): Promise<{ items: Run[]; next?: string }> {
    return this.runs.list(query);
  }

  @Get(':id')
  @Access('viewer')
  @Answer(Run, 'Look at a run: state, metrics, verdict with its evidence')
  show(@Param('id', zod(RunId)) id: string): Promise<Run> {
    return this.runs.show(id);
  }

  @Get(':id/observations')
  @Access('viewer')
  @Answer(Columns, 'Raw observations of a run, column by column')
  async observations(
    @Param('id', zod(RunId)) id: string,
    @Query(zod(ObservationQuery)) query: z.output<typeof ObservationQuery>,
  ): Promise<StreamableFile> {
    const text = await this.runs.raw(id, query);
    if (query.format === 'json') return new StreamableFile(text, { type: 'application/json; charset=utf-8' });
    const disposition = `attachment; filename="${id}-${query.kind}.csv"`;
    return new StreamableFile(text, { type: 'text/csv; charset=utf-8', disposition });
  }
}
