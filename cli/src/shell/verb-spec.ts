import { type Verb, type VerbOption, type VerbRow, verbs } from '@hilltop/contracts';

/** One option of a verb, read from its flag text in the verb table. */
export interface OptionSpec {
  /** Key in the parsed options: the long name, or the letter where there is none. */
  readonly name: string;
  readonly short?: string;
  /** Placeholder of the value, e.g. `DEVICE`; absent: a switch. */
  readonly value?: string;
  readonly repeatable: boolean;
  readonly flag: string;
  readonly description: string;
}

/** A positional argument: `DEVICE`, or `[URL]` where it may be left out. */
export interface PositionalSpec {
  readonly name: string;
  readonly required: boolean;
}

export interface VerbSpec {
  readonly verb: Verb;
  readonly row: VerbRow;
  readonly positionals: readonly PositionalSpec[];
  readonly options: readonly OptionSpec[];
}

/** Options that every verb has. */
export const commonOptions: readonly OptionSpec[] = [
  { name: 'json', repeatable: false, flag: '--json', description: 'one JSON document on standard output' },
  { name: 'help', short: 'h', repeatable: false, flag: '-h, --help', description: 'this page' },
];

/** `-d, --device DEVICE` -> name `device`, short `d`, value `DEVICE`. */
export function optionSpec(option: VerbOption): OptionSpec {
  const words = option.flag.split(/,?\s+/);
  const long = words.find((word) => word.startsWith('--'))?.slice(2);
  const short = words.find((word) => /^-[a-z]$/i.test(word))?.slice(1);
  const value = words.find((word) => !word.startsWith('-'));
  const name = long ?? short;
  if (!name) throw new Error(`"${option.flag}" in the verb table names no option`);
  return {
    name,
    ...(short && { short }),
    ...(value && { value }),
    repeatable: option.repeatable ?? false,
    flag: option.flag,
    description: option.description,
  };
}

/** The verb as the argument parser and `--help` need it. */
export function verbSpec(verb: Verb): VerbSpec {
  const row: VerbRow = verbs[verb];
  const names = row.usage.split(' ').slice(verb.split(' ').length);
  return {
    verb,
    row,
    positionals: names.map((name) => ({ name: name.replace(/^\[|\]$/g, ''), required: !name.startsWith('[') })),
    options: [...row.options.map(optionSpec), ...commonOptions],
  };
}

export const verbNames = Object.keys(verbs) as Verb[];
