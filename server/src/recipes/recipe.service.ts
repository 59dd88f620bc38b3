import { recipeFiles, resolveRecipe } from '@hilltop/compression';
import { LabError, type Recipe, type RecipeFile } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../access/actor.js';
import { Database } from '../links/database.js';
import { RecipeEntity } from './recipe.entity.js';

/** Recipes that ship with the lab, then those people added. */
@Injectable()
export class RecipeService {
  readonly #shipped: ReadonlyMap<string, Recipe> = new Map(recipeFiles.map((file) => [file.name, resolveRecipe(file)]));

  constructor(private readonly database: Database) {}

  async list(): Promise<Recipe[]> {
    const rows = await this.database.reader.getRepository(RecipeEntity).find({ order: { name: 'ASC' } });
    return [...this.#shipped.values(), ...rows.map((row) => resolveRecipe(row.file))];
  }

  /** Throws `recipe.unknown`. */
  async find(name: string): Promise<Recipe> {
    const shipped = this.#shipped.get(name);
    if (shipped) return shipped;
    const row = await this.database.reader.getRepository(RecipeEntity).findOneBy({ name });
    if (!row)
      throw new LabError(
        'recipe.unknown',
        `there is no recipe ${JSON.stringify(name)}; \`hilltop recipes\` lists them`,
        { name },
      );
    return resolveRecipe(row.file);
  }

  /**
   * Adds a recipe, or replaces one of a person; variants made before keep the form they were made with.
   * Throws `recipe.invalid`, `recipe.parameter`, `request.conflict` for a name that ships with the lab.
   */
  async add(actor: Actor, file: RecipeFile): Promise<Recipe> {
    const recipe = resolveRecipe(file);
    if (this.#shipped.has(file.name))
      throw new LabError('request.conflict', `${file.name} ships with the lab; choose another name`, {
        name: file.name,
      });
    const row = { name: file.name, file, createdBy: actor.name, createdAt: new Date().toISOString() };
    await this.database.write((manager) => manager.upsert(RecipeEntity, row, ['name']), { label: 'recipe.add' });
    return recipe;
  }
}
