import { recipeFiles, resolveRecipe } from '@hilltop/compression';
import { LabError, type Recipe, type RecipeFile } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Actor } from '../access/actor.js';
import { Database } from '../links/database.js';
import { RecipeEntity } from './recipe.entity.js';

/** Says why a recipe cannot have a name, or nothing. Runs inside the transaction that would add it. */
export type RecipeGuard = (manager: EntityManager, name: string) => Promise<LabError | undefined>;

/** Recipes that ship with the lab, then those people added. */
@Injectable()
export class RecipeService {
  readonly #shipped: ReadonlyMap<string, Recipe> = new Map(recipeFiles.map((file) => [file.name, resolveRecipe(file)]));

  readonly #guards: RecipeGuard[] = [];

  constructor(private readonly database: Database) {}

  /** Whoever gives names beside recipes may object to one. */
  guard(guard: RecipeGuard): void {
    this.#guards.push(guard);
  }

  /** Whether a recipe has this name. Within a transaction. */
  async has(manager: EntityManager, name: string): Promise<boolean> {
    return this.#shipped.has(name) || (await manager.existsBy(RecipeEntity, { name }));
  }

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
   * Throws `recipe.invalid` and `recipe.parameter` with the offending place in details.path, and `request.conflict` for a name
   * that ships with the lab or that somebody objects to.
   */
  async add(actor: Actor, file: RecipeFile): Promise<Recipe> {
    const recipe = resolveRecipe(file);
    if (this.#shipped.has(file.name))
      throw new LabError('request.conflict', `${file.name} ships with the lab; choose another name`, {
        name: file.name,
      });
    const row = { name: file.name, file, createdBy: actor.name, createdAt: new Date().toISOString() };
    await this.database.write(
      async (manager) => {
        for (const guard of this.#guards) {
          const objection = await guard(manager, file.name);
          if (objection) throw objection;
        }
        await manager.upsert(RecipeEntity, row, ['name']);
      },
      { label: 'recipe.add' },
    );
    return recipe;
  }
}
