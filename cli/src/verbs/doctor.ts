import type { Context } from '../context.js';
import { type Check, checkMachine } from '../local/checks.js';
import type { ExitStatus } from '../shell/exit-status.js';
import { table } from '../text/table.js';

const marks = { ok: '●', remark: '◇', missing: '✗' } as const;

/** What works here, and the remedy for each lack; 1 when something needed is missing. */
export async function doctor(context: Context): Promise<ExitStatus> {
  const { style } = context;
  const checks = await checkMachine(context.terminal, context.address);
  const missing = checks.filter((check) => check.level === 'missing');
  const paint = { ok: style.good, remark: style.warn, missing: style.bad };
  context.answer({ ok: missing.length === 0, checks }, () => {
    const rows = table(
      checks,
      [
        { title: 'State', cell: (check: Check) => paint[check.level](`${marks[check.level]} ${check.level}`) },
        { title: 'What', cell: (check) => check.what },
        { title: 'Found', cell: (check) => check.found },
      ],
      style,
    );
    const remedies = checks.filter((check) => check.remedy).map((check) => `  ${check.what}: ${check.remedy}\n`);
    return rows + (remedies.length > 0 ? `\nRemedies\n${remedies.join('')}` : '');
  });
  return missing.length > 0 ? 1 : 0;
}
