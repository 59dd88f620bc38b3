import { PageQuery, pageOf, Variant, VariantCreate, VariantInFirmware, VariantPush } from '@hilltop/contracts';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { ElsewhereService } from './elsewhere.service.js';
import { InFirmwareService } from './in-firmware.service.js';
import { VariantService } from './variant.service.js';

const VariantQuery = PageQuery.extend({ model: z.string().min(1).max(100).optional() });

@Controller('api/v1/variants')
export class VariantController {
  constructor(
    private readonly variants: VariantService,
    private readonly elsewhere: ElsewhereService,
    private readonly inFirmware: InFirmwareService,
  ) {}

  @Post()
  @Access('operator')
  @Answer(z.object({ items: z.array(Variant) }), 'Make variants; those that are there already are answered as they are')
  async create(@Body(zod(VariantCreate)) wish: VariantCreate): Promise<{ items: Variant[] }> {
    return { items: await this.variants.ensure(wish.model, wish.recipes) };
  }

  @Post('elsewhere')
  @Access('operator')
  @Answer(Variant, 'Push a variant that was made elsewhere: a finished upload with the inputs and outputs of the model')
  push(@Body(zod(VariantPush)) wish: VariantPush): Promise<Variant> {
    return this.elsewhere.push(wish);
  }

  @Post('in-firmware')
  @Access('operator')
  @Answer(Variant, 'Make a variant of the model that is inside the firmware of a device built for MLPerf Tiny')
  pushInFirmware(@Body(zod(VariantInFirmware)) wish: VariantInFirmware): Promise<Variant> {
    return this.inFirmware.push(wish);
  }

  @Get()
  @Access('viewer')
  @Answer(pageOf(Variant), 'List the variants of a model')
  list(@Query(zod(VariantQuery)) query: z.output<typeof VariantQuery>): Promise<{ items: Variant[]; next?: string }> {
    return this.variants.list(query);
  }

  @Get(':id')
  @Access('viewer')
  @Answer(Variant, 'Look at a variant')
  show(@Param('id', zod(z.string().min(1).max(100))) id: string): Promise<Variant> {
    return this.variants.find(id);
  }
}
