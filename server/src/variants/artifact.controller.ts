import { pipeline } from 'node:stream/promises';
import { Sha256 } from '@hilltop/contracts';
import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Access, Guests } from '../access/access.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { BlobStore } from '../links/blob-store.js';
import { byteRange } from './byte-range.js';
import { VariantService } from './variant.service.js';

@Guests('refused')
@Controller('api/v1/artifacts')
export class ArtifactController {
  constructor(
    private readonly variants: VariantService,
    private readonly blobs: BlobStore,
  ) {}

  /** An artifact's bytes; they never change, so they may be kept for ever. */
  @Get(':sha256')
  @Access('viewer')
  async download(
    @Param('sha256', zod(Sha256)) sha256: string,
    @Headers('range') header: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const { bytes, name } = await this.variants.artifact(sha256);
    const range = byteRange(header, bytes);
    response.setHeader('Accept-Ranges', 'bytes');
    if (range === 'unsatisfiable') {
      response.status(416).setHeader('Content-Range', `bytes */${bytes}`).end();
      return;
    }
    const { start, end } = range ?? { start: 0, end: bytes - 1 };
    response.status(range ? 206 : 200);
    response.setHeader('Content-Type', 'application/octet-stream');
    response.setHeader('Content-Disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'private, max-age=31536000, immutable');
    response.setHeader('ETag', `"${sha256}"`);
    response.setHeader('Content-Length', end - start + 1);
    if (range) response.setHeader('Content-Range', `bytes ${start}-${end}/${bytes}`);
    await pipeline(this.blobs.open(sha256, { start, end }), response).catch((error: unknown) => {
      // A client that went away is its own business.
      if (!response.destroyed) throw error;
    });
  }
}
