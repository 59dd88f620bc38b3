import { type Verb, type VerbRow, verbs } from '@hilltop/contracts';

/** A command line of the CLI, read by the verb table. */
export interface Line {
  readonly verb: Verb;
  readonly args: readonly string[];
  /** By long name, or the letter where there is none; a switch has `''`. */
  readonly options: Readonly<Record<string, readonly string[]>>;
}

/** `problem`: what is wrong with a line whose verb is known. Neither: no verb yet. */
export interface ReadLine {
  readonly verb?: Verb;
  readonly line?: Line;
  readonly problem?: string;
  /** The words after the verb, for completing. */
  readonly rest: readonly string[];
}

const names = Object.keys(verbs) as Verb[];
export const verbRow = (verb: Verb): VerbRow => verbs[verb];

/** Words as a shell takes them: quotes of both kinds, backslash. */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  const pattern = /((?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"?|'[^']*'?)+)/g;
  for (const [word] of text.matchAll(pattern))
    words.push(
      word.replace(/"((?:[^"\\]|\\.)*)"?|'([^']*)'?|\\(.)/g, (_all, double, single, escaped) =>
        double === undefined ? (single ?? escaped) : double.replace(/\\(.)/g, '$1'),
      ),
    );
  return words;
}

export const shellQuote = (text: string): string =>
  /^[\w.+:/@%=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** Reads what was typed; `hilltop` in front may be left out. */
export function readLine(text: string): ReadLine {
  const words = shellWords(text);
  if (words[0] === 'hilltop') words.shift();
  const two = words.slice(0, 2).join(' ');
  const verb = names.find((name) => name === two) ?? names.find((name) => name === words[0]);
  if (verb === undefined) return { rest: words };
  const rest = words.slice(verb.split(' ').length);
  return { verb, rest, ...optionsOf(verb, rest) };
}

interface Flag {
  readonly name: string;
  readonly takesValue: boolean;
}

function flagOf(row: VerbRow, typed: string): Flag | undefined {
  for (const { flag } of row.options) {
    const given: readonly string[] = flag.match(/--?[a-z][a-z0-9-]*/gi) ?? [];
    if (!given.includes(typed)) continue;
    const long = given.find((each) => each.startsWith('--')) ?? given[0]!;
    return { name: long.replace(/^-+/, ''), takesValue: /\s\S+$/.test(flag.replace(/^-\w,\s*/, '')) };
  }
  return undefined;
}

function optionsOf(verb: Verb, rest: readonly string[]): Pick<ReadLine, 'line' | 'problem'> {
  const row = verbRow(verb);
  const args: string[] = [];
  const options: Record<string, string[]> = {};
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (!/^-{1,2}[a-z]/i.test(word)) {
      args.push(word);
      continue;
    }
    const [typed, inline] = word.startsWith('--') ? word.split(/=(.*)/s) : [word];
    const flag = typed === '--json' ? { name: 'json', takesValue: false } : flagOf(row, typed!);
    if (!flag) return { problem: `hilltop ${verb} has no option ${typed}` };
    const value = flag.takesValue ? (inline ?? rest[++i]) : '';
    if (value === undefined) return { problem: `${typed} needs a value` };
    options[flag.name] = [...(options[flag.name] ?? []), value];
  }
  const places = row.usage.slice(verb.length).trim().split(/\s+/).filter(Boolean);
  const missing = places.slice(args.length).find((place) => !place.startsWith('['));
  if (missing !== undefined) return { problem: `${missing} is missing` };
  if (args.length > places.length) return { problem: `"${args[places.length]}" is one argument too many` };
  return { line: { verb, args, options } };
}

/** Seconds of `90s`, `15m`, `2h`, `30d`; undefined when it is none. */
export function secondsOf(text: string): number | undefined {
  const match = /^(\d+)([smhd])$/.exec(text);
  return match ? Number(match[1]) * { s: 1, m: 60, h: 3600, d: 86_400 }[match[2] as 's']! : undefined;
}
