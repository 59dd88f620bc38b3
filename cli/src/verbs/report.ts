import { Report } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { saveAnswer } from '../lab/save-answer.js';
import { reportText } from '../text/report-text.js';

const formats = ['html', 'markdown', 'junit'] as const;

/** A sweep's report here, or as the files that were asked for. */
export async function report(context: Context): Promise<void> {
  const { lab, terminal, options, style } = context;
  const path = `/api/v1/sweeps/${encodeURIComponent(context.positionals[0]!)}/report`;
  const query = { gate: options.text('gate') };
  const files: Partial<Record<(typeof formats)[number], string>> = {};
  for (const format of formats) {
    const file = options.text(format);
    if (file !== undefined)
      files[format] = await saveAnswer(lab, terminal, { path, query: { ...query, format }, file });
  }
  if (Object.keys(files).length > 0) return context.answer({ files }, () => `${Object.values(files).join('\n')}\n`);
  const document = await lab.get(path, Report, { ...query, format: 'json' });
  context.answer(document, () => reportText(document, style));
}
