import { memoryPicture } from '@hilltop/compression';
import { PlanDocument, readPlan } from '@hilltop/contracts';
import { Controller, Get, Param } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { BlobStore } from '../links/blob-store.js';
import { PlanMaker } from './plan-maker.js';
import { VariantService } from './variant.service.js';

@Controller('api/v1/variants')
export class PlanController {
  constructor(
    private readonly variants: VariantService,
    private readonly plans: PlanMaker,
    private readonly blobs: BlobStore,
  ) {}

  @Get(':id/plan')
  @Access('viewer')
  @Answer(PlanDocument, 'What a variant is for microcontrollers, made if need be; the file is an artifact')
  async plan(@Param('id', zod(z.string().min(1).max(100))) id: string): Promise<PlanDocument> {
    const plan = await this.plans.of(await this.variants.find(id));
    const { rectangles, ...picture } = memoryPicture(readPlan(await this.blobs.read(plan.sha256)));
    const told = rectangles.map(({ what, ...rest }) => ({
      kind: 'scratch' in what ? ('scratch' as const) : ('tensor' as const),
      ...rest,
    }));
    return { ...plan, memory: { ...picture, rectangles: told } };
  }
}
