import { Guide, protocolNames } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { saveAnswer } from '../lab/save-answer.js';
import { guideText } from '../text/guide-text.js';

const formats = ['html', 'markdown'] as const;

/** A model's guide here, or as the files that were asked for. */
export async function guide(context: Context): Promise<void> {
  const { lab, terminal, options, style } = context;
  const path = `/api/v1/guides/${encodeURIComponent(options.required('model', '-m MODEL'))}`;
  const query = { protocol: options.choice('protocol', protocolNames) };
  const files: Partial<Record<(typeof formats)[number], string>> = {};
  for (const format of formats) {
    const file = options.text(format);
    if (file !== undefined)
      files[format] = await saveAnswer(lab, terminal, { path, query: { ...query, format }, file });
  }
  if (Object.keys(files).length > 0) return context.answer({ files }, () => `${Object.values(files).join('\n')}\n`);
  const document = await lab.get(path, Guide, { ...query, format: 'json' });
  context.answer(document, () => guideText(document, style));
}
