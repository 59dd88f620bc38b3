import { headers, Id, LabError, Upload, UploadCreate } from '@hilltop/contracts';
import { Body, Controller, Get, Head, Headers, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { UploadService } from './upload.service.js';

@Controller('api/v1/uploads')
@Access('operator')
export class UploadController {
  constructor(private readonly uploads: UploadService) {}

  @Post()
  @Answer(Upload, 'Begin an upload, or go on with one')
  create(@CurrentActor() actor: Actor, @Body(zod(UploadCreate)) wish: UploadCreate): Promise<Upload> {
    return this.uploads.create(actor, wish);
  }

  @Patch(':id')
  @Answer(Upload, 'Send raw bytes from Upload-Offset on')
  async append(
    @Param('id', zod(Id)) id: string,
    @Headers(headers.uploadOffset) given: string | undefined,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Upload> {
    if (!/^\d{1,15}$/.test(given ?? ''))
      throw new LabError('request.invalid', 'the header Upload-Offset must say where the bytes go');
    const upload = await this.uploads.append(id, Number(given), request);
    response.setHeader(headers.uploadOffset, upload.offset);
    return upload;
  }

  @Head(':id')
  async head(@Param('id', zod(Id)) id: string, @Res({ passthrough: true }) response: Response): Promise<void> {
    response.setHeader(headers.uploadOffset, (await this.uploads.get(id)).offset);
    response.setHeader('Cache-Control', 'no-store');
  }

  @Get(':id')
  @Answer(Upload, 'How far an upload is')
  async get(@Param('id', zod(Id)) id: string, @Res({ passthrough: true }) response: Response): Promise<Upload> {
    const upload = await this.uploads.get(id);
    response.setHeader(headers.uploadOffset, upload.offset);
    return upload;
  }
}
