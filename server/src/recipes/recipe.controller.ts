import { Recipe, type RecipeFile } from '@hilltop/contracts';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { RecipePipe } from './recipe.pipe.js';
import { RecipeService } from './recipe.service.js';

@Controller('api/v1/recipes')
export class RecipeController {
  constructor(private readonly recipes: RecipeService) {}

  @Get()
  @Access('viewer')
  @Answer(z.object({ items: z.array(Recipe) }), 'List the recipes')
  async list(): Promise<{ items: Recipe[] }> {
    return { items: await this.recipes.list() };
  }

  @Get(':name')
  @Access('viewer')
  @Answer(Recipe, 'Look at a recipe, its parameters resolved')
  show(@Param('name', zod(z.string().min(1).max(100))) name: string): Promise<Recipe> {
    return this.recipes.find(name);
  }

  @Post()
  @Access('operator')
  @Answer(Recipe, 'Add a recipe of your own')
  add(@CurrentActor() actor: Actor, @Body(new RecipePipe()) file: RecipeFile): Promise<Recipe> {
    return this.recipes.add(actor, file);
  }
}
