import { type Labels, parseLabels, type Verb } from '@hilltop/contracts';
import { usageError } from './usage-error.js';

const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Options of a command line by name; every reader throws `usage.invalid` with what is expected. */
export class Options {
  constructor(
    private readonly verb: Verb,
    private readonly values: Readonly<Record<string, readonly string[]>>,
  ) {}

  flag(name: string): boolean {
    return this.values[name] !== undefined;
  }

  text(name: string): string | undefined {
    return this.values[name]?.at(-1);
  }

  texts(name: string): readonly string[] {
    return this.values[name] ?? [];
  }

  required(name: string, flag: string): string {
    const value = this.text(name);
    if (value === undefined) throw usageError(`\`hilltop ${this.verb}\` needs ${flag}.`);
    return value;
  }

  /** A whole number of at least `min`. */
  integer(name: string, min: number): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : wholeNumber(name, text, min);
  }

  integers(name: string, min: number): readonly number[] {
    return this.texts(name).map((text) => wholeNumber(name, text, min));
  }

  /** A number above 0. */
  positive(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d*\.?\d+(e[+-]?\d+)?$/i.test(text) || !(value > 0) || !Number.isFinite(value))
      throw usageError(`--${name} "${text}" is not a number above 0.`);
    return value;
  }

  /** One of a list of words. */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : oneOf(name, text, choices);
  }

  choices<T extends string>(name: string, choices: readonly T[]): readonly T[] {
    return this.texts(name).map((text) => oneOf(name, text, choices));
  }

  /** `90s`, `15m`, `2h`, `30d` as seconds. */
  duration(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const match = /^(\d+)([smhd])$/.exec(text);
    if (!match) throw usageError(`--${name} "${text}" is not a duration such as 15m or 30d.`);
    return Number(match[1]) * seconds[match[2] as keyof typeof seconds];
  }

  labels(): Labels {
    try {
      return parseLabels(this.texts('label'));
    } catch (error) {
      const why =
        this.texts('label').find((pair) => !/^[a-z][a-z0-9._-]*=/.test(pair)) ?? this.texts('label').join(' ');
      throw usageError(`-l "${why}" is not a label such as site=berlin.`, {
        cause: error instanceof Error ? error.message : '',
      });
    }
  }
}

function wholeNumber(name: string, text: string, min: number): number {
  const value = Number(text);
  if (!(min < 0 ? /^-?\d+$/ : /^\d+$/).test(text) || value < min)
    throw usageError(`--${name} "${text}" is not a whole number from ${min}.`);
  return value;
}

function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === text);
  if (!choice) throw usageError(`--${name} "${text}" is none of ${choices.join(', ')}.`);
  return choice;
}
