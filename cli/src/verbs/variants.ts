import { Variant } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { findModel } from '../lab/find.js';
import { variantsText } from '../text/variants-text.js';

/** Lists the variants of a model, or of all models. */
export async function variants(context: Context): Promise<void> {
  const wanted = context.options.text('model');
  const model = wanted === undefined ? undefined : await findModel(context.lab, wanted);
  const all = await context.lab.list<Variant>('/api/v1/variants', Variant, model && { model: model.id });
  context.answer(all, () =>
    all.length === 0 ? 'no variants: `hilltop compress` makes some\n' : variantsText(all, context.style),
  );
}
