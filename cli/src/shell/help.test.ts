import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { markdownReference, overview, verbHelp } from './help.js';
import { verbNames, verbSpec } from './verb-spec.js';

describe('help', () => {
  it.each(verbNames)('[CLI-3] the page of %s names every option and has an example', (verb) => {
    const spec = verbSpec(verb);
    const page = verbHelp(spec);
    for (const option of spec.options) expect(page).toContain(option.flag);
    expect(page).toContain(`Example:\n  ${spec.row.example}`);
    expect(spec.row.example.startsWith(`hilltop ${verb}`)).toBe(true);
  });

  it('[CLI-3] the overview names every verb', () => {
    const page = overview();
    expect(verbNames.filter((verb) => !page.includes(`\n  ${verbSpec(verb).row.usage}`))).toEqual([]);
  });

  it('[CLI-4] docs/cli.md is what the verb table says: run `npm run docs -w cli`', () => {
    expect(readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')).toBe(markdownReference());
  });
});
