import { Model, ModelCreate, PageQuery, pageOf } from '@hilltop/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { ModelService } from './model.service.js';
import { modelView } from './model-view.js';

const IdOrName = z.string().min(1).max(100);

@Controller('api/v1/models')
export class ModelController {
  constructor(private readonly models: ModelService) {}

  @Post()
  @Access('operator')
  @Answer(Model, 'Make a model of finished uploads')
  create(@CurrentActor() actor: Actor, @Body(zod(ModelCreate)) wish: ModelCreate): Promise<Model> {
    return this.models.create(actor, wish);
  }

  @Get()
  @Access('viewer')
  @Answer(pageOf(Model), 'List the models')
  list(@Query(zod(PageQuery)) query: PageQuery): Promise<{ items: Model[]; next?: string }> {
    return this.models.list(query);
  }

  @Get(':id')
  @Access('viewer')
  @Answer(Model, 'Look at a model, by id or name')
  async show(@Param('id', zod(IdOrName)) id: string): Promise<Model> {
    return modelView(await this.models.find(id));
  }

  @Delete(':id')
  @Access('operator')
  @HttpCode(204)
  remove(@Param('id', zod(IdOrName)) id: string): Promise<void> {
    return this.models.remove(id);
  }
}
