import { parseArgs } from 'node:util';
import type { Verb } from '@hilltop/contracts';
import { nearest } from './nearest.js';
import { Options } from './options.js';
import { usageError } from './usage-error.js';
import { type OptionSpec, type VerbSpec, verbNames, verbSpec } from './verb-spec.js';

export interface Command {
  readonly spec: VerbSpec;
  readonly positionals: readonly string[];
  readonly options: Options;
  /** Everything after the verb as it was typed: for `agent`, which has its own parser. */
  readonly rest: readonly string[];
}

/** `overview` and `version` are what `hilltop --help` and `hilltop --version` ask for. */
export type Parsed =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'help'; readonly spec: VerbSpec }
  | { readonly kind: 'overview' }
  | { readonly kind: 'version' };

/** Reads a command line against the verb table. Throws `usage.invalid` with the nearest suggestion. */
export function parseCommand(argv: readonly string[]): Parsed {
  let words = [...argv];
  if (words[0] === 'help') words = [...words.slice(1), '--help'];
  if (words[0] === '--json') words = [...words.slice(1), '--json'];
  const first = words[0];
  if (first === undefined || first === '--help' || first === '-h') return { kind: 'overview' };
  if (first === '--version' || first === '-V') return { kind: 'version' };

  const verb = findVerb(words);
  const spec = verbSpec(verb);
  const rest = words.slice(verb.split(' ').length);
  if (beforeTerminator(rest).some((word) => word === '--help' || word === '-h')) return { kind: 'help', spec };
  // The agent's own parser judges its arguments: one parser for `hilltop agent` and `hilltop-agent`.
  if (verb === 'agent')
    return { kind: 'command', command: { spec, positionals: [], options: new Options(verb, {}), rest } };
  return { kind: 'command', command: { spec, rest, ...parseRest(spec, rest) } };
}

const beforeTerminator = (words: readonly string[]): readonly string[] =>
  words.includes('--') ? words.slice(0, words.indexOf('--')) : words;

function findVerb(words: readonly string[]): Verb {
  const known: readonly string[] = verbNames;
  const [first = '', second = ''] = words;
  const two = `${first} ${second}`;
  if (known.includes(two)) return two as Verb;
  const families = known.filter((verb) => verb.startsWith(`${first} `));
  if (known.includes(first)) {
    // `models psuh x` means `models push x`: a verb without positionals cannot mean the word.
    if (second && !second.startsWith('-') && families.length > 0 && verbSpec(first as Verb).positionals.length === 0) {
      throw unknownVerb(two, nearest(two, families), families);
    }
    return first as Verb;
  }
  if (families.length > 0) throw unknownVerb(second ? two : first, nearest(two, families), families);
  throw unknownVerb(first, nearest(two, known) ?? nearest(first, known), []);
}

function unknownVerb(word: string, suggestion: string | undefined, families: readonly string[]): Error {
  const remedy = suggestion
    ? `did you mean \`hilltop ${suggestion}\`?`
    : families.length > 0
      ? `there is ${families.map((verb) => `\`hilltop ${verb}\``).join(', ')}.`
      : '`hilltop --help` lists the verbs.';
  return usageError(`hilltop has no verb "${word}": ${remedy}`, suggestion ? { suggestion } : {});
}

function parseRest(spec: VerbSpec, rest: readonly string[]): { positionals: string[]; options: Options } {
  const parsed = parseArgs({
    args: [...rest],
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      spec.options.map((option) => [
        option.name,
        {
          type: option.value ? ('string' as const) : ('boolean' as const),
          multiple: true,
          ...(option.short && { short: option.short }),
        },
      ]),
    ),
  });
  const values: Record<string, string[]> = {};
  for (const token of parsed.tokens) {
    if (token.kind !== 'option') continue;
    const option = spec.options.find((known) => known.name === token.name);
    // parseArgs expands `-y` to its name; a long `--y` was not meant by the table.
    if (!option || (token.rawName === `--${option.name}` && !option.flag.includes(token.rawName))) {
      throw unknownOption(spec, token.rawName);
    }
    checkValue(
      option,
      token.rawName,
      token.inlineValue === false && token.value.startsWith('--') ? undefined : token.value,
    );
    const list = values[option.name] ?? [];
    values[option.name] = list;
    if (list.length > 0 && !option.repeatable && option.value) {
      throw usageError(`${token.rawName} is given twice and takes one value.`);
    }
    list.push(token.value ?? 'true');
  }
  checkPositionals(spec, parsed.positionals);
  return { positionals: parsed.positionals, options: new Options(spec.verb, values) };
}

function checkValue(option: OptionSpec, rawName: string, value: string | undefined): void {
  if (option.value && (value === undefined || value === '')) {
    throw usageError(`${rawName} needs a value: ${option.flag} (${option.description}).`);
  }
  if (!option.value && value !== undefined) throw usageError(`${rawName} is a switch and takes no value.`);
}

function unknownOption(spec: VerbSpec, rawName: string): Error {
  const known = spec.options.flatMap((option) => option.flag.match(/--[a-z-]+|-[a-z]\b/gi) ?? []);
  const suggestion = nearest(rawName, known);
  const remedy = suggestion ? `did you mean ${suggestion}?` : `\`hilltop ${spec.verb} --help\` lists its options.`;
  return usageError(`\`hilltop ${spec.verb}\` has no option ${rawName}: ${remedy}`, suggestion ? { suggestion } : {});
}

function checkPositionals(spec: VerbSpec, given: readonly string[]): void {
  const missing = spec.positionals.slice(given.length).find((positional) => positional.required);
  if (missing) throw usageError(`${missing.name} is missing: hilltop ${spec.row.usage} (e.g. ${spec.row.example}).`);
  const extra = given[spec.positionals.length];
  if (extra !== undefined) throw usageError(`"${extra}" is one argument too many: hilltop ${spec.row.usage}.`);
}
