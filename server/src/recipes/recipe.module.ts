import { Module } from '@nestjs/common';
import { RecipeController } from './recipe.controller.js';
import { RecipeService } from './recipe.service.js';

@Module({ controllers: [RecipeController], providers: [RecipeService], exports: [RecipeService] })
export class RecipeModule {}
