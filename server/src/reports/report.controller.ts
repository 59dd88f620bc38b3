import { GateReportQuery, Report, ReportQuery } from '@hilltop/contracts';
import { Controller, Get, Param, Query, type StreamableFile } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { ReportService } from './report.service.js';
import { reportFile } from './report-file.js';

const Id = z.string().min(1).max(100);

@Controller('api/v1')
export class ReportController {
  constructor(private readonly reports: ReportService) {}

  @Get('sweeps/:id/report')
  @Access('viewer')
  @Answer(Report, 'Report of a sweep, by id or the newest of that name: one HTML page, Markdown, JUnit XML or JSON')
  async ofSweep(
    @Param('id', zod(Id)) id: string,
    @Query(zod(ReportQuery)) { format, gate }: z.output<typeof ReportQuery>,
  ): Promise<StreamableFile> {
    return reportFile(await this.reports.ofSweep(id, gate), format);
  }

  @Get('gates/:id/report')
  @Access('viewer')
  @Answer(Report, 'Report of a gate and its sweep: one HTML page, Markdown, JUnit XML or JSON')
  async ofGate(
    @Param('id', zod(Id)) id: string,
    @Query(zod(GateReportQuery)) { format }: z.output<typeof GateReportQuery>,
  ): Promise<StreamableFile> {
    return reportFile(await this.reports.ofGate(id), format);
  }
}
