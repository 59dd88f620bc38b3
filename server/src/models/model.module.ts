import { Module } from '@nestjs/common';
import { BlobReferences } from './blob-references.js';
import { BlobSweeper } from './blob-sweeper.js';
import { ModelController } from './model.controller.js';
import { ModelService } from './model.service.js';

@Module({
  controllers: [ModelController],
  providers: [ModelService, BlobReferences, BlobSweeper],
  exports: [ModelService, BlobReferences],
})
export class ModelModule {}
