import type { Context } from '../context.js';
import { findModel } from '../lab/find.js';

/** Removes a model and everything made from it. */
export async function modelsRm(context: Context): Promise<void> {
  const model = await findModel(context.lab, context.positionals[0]!);
  await context.lab.delete(`/api/v1/models/${model.id}`);
  context.answer({ removed: model.id }, () => `${model.name} and everything made from it is removed\n`);
}
