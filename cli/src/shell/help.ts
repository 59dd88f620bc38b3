import { type VerbRow, verbs } from '@hilltop/contracts';
import { commonOptions, type VerbSpec, verbNames, verbSpec } from './verb-spec.js';

const access = { viewer: 'a viewer', operator: 'an operator', admin: 'an admin', public: 'anybody' } as const;

/** `hilltop VERB --help`. */
export function verbHelp(spec: VerbSpec): string {
  const width = Math.max(...spec.options.map((option) => option.flag.length));
  const lines = [
    `hilltop ${spec.row.usage}${spec.options.length > commonOptions.length ? ' [options]' : ''}`,
    `  ${spec.row.summary}`,
    '',
    ...spec.options.map(
      (option) => `  ${option.flag.padEnd(width)}  ${option.description}${option.repeatable ? '; repeatable' : ''}`,
    ),
    '',
    'Example:',
    `  ${spec.row.example}`,
  ];
  if (spec.row.access)
    lines.push('', `For ${access[spec.row.access]} and above.${spec.row.rest ? ` REST: ${spec.row.rest}` : ''}`);
  return `${lines.join('\n')}\n`;
}

/** `hilltop --help`. */
export function overview(): string {
  const rows = verbNames.map((verb) => ({
    usage: verbs[verb].usage as string,
    summary: (verbs[verb] as VerbRow).summary,
  }));
  const width = Math.max(...rows.map((row) => row.usage.length));
  return [
    'hilltop <verb> [options]',
    '  a lab that measures compressed models on real devices',
    '',
    ...rows.map((row) => `  ${row.usage.padEnd(width)}  ${row.summary}`),
    '',
    'Every verb takes --json and --help. HILLTOP_URL and HILLTOP_TOKEN stand in for `hilltop login`.',
    'Exit status: 0 done; 1 it ran and the answer is no; 2 wrong use; 3 the lab or a device could not be reached.',
    '',
    'Example:',
    '  hilltop up --demo',
    '',
  ].join('\n');
}

/** The whole reference as Markdown: docs/cli.md. */
export function markdownReference(): string {
  const lines = [
    '# Command line reference',
    '',
    'Generated from `contracts/src/verbs.ts` by `npm run docs -w cli`; do not edit.',
    '',
    'From a clone: `npx hilltop <verb>`. Every verb takes `--json` (one JSON document on standard output; `up`, `agent` and',
    '`monitor`, which go on, write one object a line; progress and logs go to standard error) and `--help`. `HILLTOP_URL`',
    'and `HILLTOP_TOKEN` stand in for `hilltop login`.',
    '',
    'Exit status: `0` done, `1` it ran and the answer is no (a failed run, a refusal with its code), `2` wrong use, `3`',
    'infrastructure (coordinator unreachable, device lost).',
    '',
  ];
  for (const verb of verbNames) lines.push(...verbSection(verbSpec(verb)));
  return `${lines.join('\n').trimEnd()}\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function verbSection(spec: VerbSpec): string[] {
  const lines = [`## ${spec.verb}`, '', `\`hilltop ${spec.row.usage}\`: ${spec.row.summary}.`, ''];
  const own = spec.options.slice(0, spec.options.length - commonOptions.length);
  if (own.length > 0) {
    lines.push('| Option | Meaning |', '| --- | --- |');
    for (const option of own) {
      lines.push(
        `| \`${cell(option.flag)}\` | ${cell(option.description)}${option.repeatable ? '; repeatable' : ''} |`,
      );
    }
    lines.push('');
  }
  lines.push('```sh', spec.row.example, '```', '');
  if (spec.row.access)
    lines.push(`For ${access[spec.row.access]} and above.${spec.row.rest ? ` REST: \`${spec.row.rest}\`.` : ''}`, '');
  return lines;
}
