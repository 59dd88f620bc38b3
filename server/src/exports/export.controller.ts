import { Readable } from 'node:stream';
import {
  ExportedObservation,
  ExportedRun,
  type ExportFormat,
  ObservationExportQuery,
  RunExportQuery,
} from '@hilltop/contracts';
import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import * as z from 'zod';
import { Access, Guests } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { ExportService } from './export.service.js';
import { exportTypes, type Piece } from './write-down.js';

@Guests('refused')
@Controller('api/v1/exports')
export class ExportController {
  constructor(private readonly exports: ExportService) {}

  @Get('runs')
  @Access('viewer')
  @Answer(z.array(ExportedRun), 'Ended runs with their metrics as CSV, JSON or a line of JSON each, oldest first')
  async runs(@Query(zod(RunExportQuery)) query: RunExportQuery): Promise<StreamableFile> {
    return streamed(await this.exports.runs(query), 'runs', query.format);
  }

  @Get('observations')
  @Access('viewer')
  @Answer(z.array(ExportedObservation), 'Raw observations of a run, or of every run of a sweep')
  async observations(@Query(zod(ObservationExportQuery)) query: ObservationExportQuery): Promise<StreamableFile> {
    const name = `${query.run ?? query.sweep ?? 'observations'}-${query.kind}`;
    return streamed(await this.exports.observations(query), name, query.format);
  }
}

/** Sent as it is read. A failure in the middle breaks the connection off: half a file must not look like a whole one. */
function streamed(pieces: AsyncIterable<Piece>, name: string, format: ExportFormat): StreamableFile {
  const { type, extension } = exportTypes[format];
  const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(`${name}.${extension}`)}`;
  const body = Readable.from(toBuffers(pieces), { objectMode: false });
  return new StreamableFile(body, { type, disposition }).setErrorHandler((_error, response) => response.destroy?.());
}

async function* toBuffers(pieces: AsyncIterable<Piece>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece as string);
}
