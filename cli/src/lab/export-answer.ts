import { stat } from 'node:fs/promises';
import type { Context } from '../context.js';
import { formatBytes } from '../text/units.js';
import type { Query } from './client.js';
import { printAnswer, saveAnswer } from './save-answer.js';

/** A stream of the lab to `-o FILE`, or as it comes to standard output. */
export async function exportAnswer(context: Context, path: string, query: Query): Promise<void> {
  const { lab, terminal, options } = context;
  const output = options.text('output');
  if (output === undefined) return printAnswer(lab, terminal, { path, query });
  const file = await saveAnswer(lab, terminal, { path, query, file: output });
  const { size: bytes } = await stat(file);
  context.answer({ file, bytes }, () => `${file}: ${formatBytes(bytes)}\n`);
}
