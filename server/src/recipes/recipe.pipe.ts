import { resolveRecipe } from '@hilltop/compression';
import { RecipeFile } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { ZodPipe } from '../access/zod.pipe.js';

/** A recipe file in a request. Throws `recipe.invalid` or `recipe.parameter` with the offending place in details.path. */
@Injectable()
export class RecipePipe extends ZodPipe<typeof RecipeFile> {
  constructor() {
    super(RecipeFile);
  }

  override transform(value: unknown): RecipeFile {
    // The words of a recipe's own check, which `hilltop compress` on a file uses too.
    resolveRecipe(value ?? {});
    return super.transform(value);
  }
}
