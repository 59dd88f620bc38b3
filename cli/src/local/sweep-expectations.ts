import { errorText, parseConstraint, sweepFileKeys } from '@hilltop/contracts';
import type * as z from 'zod';
import { nearest } from '../shell/nearest.js';

/** What was expected at a path of a sweep file. */
export interface Expectation {
  readonly keys: readonly (string | number)[];
  /** `recipes[1].vary`; '' for the file as a whole. */
  readonly path: string;
  readonly expected: string;
  /** The key itself is wrong, not what stands there. */
  readonly unknownKey?: string;
}

type Issue = z.core.$ZodIssue;

/** Pure: a schema's issues with a value as a person understands them; and constraints, which are text to the schema. */
export function expectations(value: unknown, issues: readonly Issue[]): Expectation[] {
  return [...issues.flatMap((issue) => explained(value, issue, [])), ...constraintIssues(value)];
}

function explained(root: unknown, issue: Issue, above: readonly PropertyKey[]): Expectation[] {
  const keys = [...above, ...issue.path].map((key) => (typeof key === 'number' ? key : String(key)));
  const at = (expected: string, unknownKey?: string): Expectation[] => [
    {
      keys,
      path: pathText(unknownKey === undefined ? keys : [...keys, unknownKey]),
      expected,
      ...(unknownKey !== undefined && { unknownKey }),
    },
  ];
  const value = valueAt(root, keys);
  if (issue.code === 'invalid_union') {
    // The form that was meant is the one whose kind of value it is; the issues of that one help.
    const meant = issue.errors.filter(
      (branch) => !branch.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
    );
    if (meant.length === 1) return meant[0]!.flatMap((inner) => explained(root, inner, keys));
    return at(
      `expected the name of a recipe, or {recipe: NAME, vary: {PASS.PARAMETER: [VALUES]}}, not ${kindOf(value)}`,
    );
  }
  if (issue.code === 'unrecognized_keys')
    return issue.keys.flatMap((key) => {
      const known = sweepFileKeys(keys);
      const close = nearest(key, known);
      const remedy = close
        ? `did you mean ${close}?`
        : known.length > 0
          ? `it has ${known.join(', ')}`
          : 'leave it out';
      return at(`is no key here; ${remedy}`, key);
    });
  if (issue.code === 'invalid_value') {
    const close = typeof value === 'string' ? nearest(value, issue.values.map(String)) : undefined;
    const list = issue.values.length > 12 ? `${issue.values.slice(0, 12).join(', ')} ...` : issue.values.join(', ');
    return at(`expected ${close ? `${close} (${list})` : `one of ${list}`}, not ${shown(value)}`);
  }
  if (issue.code === 'invalid_type' && value === undefined)
    return at(`is missing: expected ${typeWord(issue.expected)}`);
  if (issue.code === 'invalid_type') return at(`expected ${typeWord(issue.expected)}, not ${kindOf(value)}`);
  if (issue.code === 'invalid_key') {
    const wrong = String(keys.pop());
    return at('expected PASS.PARAMETER such as prune-channels.fraction', wrong);
  }
  return at(lowerFirst(issue.message));
}

function constraintIssues(value: unknown): Expectation[] {
  const constraints = valueAt(value, ['constraints']);
  if (!Array.isArray(constraints)) return [];
  return constraints.flatMap((text: unknown, index) => {
    if (typeof text !== 'string') return [];
    try {
      parseConstraint(text);
      return [];
    } catch (error) {
      const keys = ['constraints', index];
      return [{ keys, path: pathText(keys), expected: errorText(error) }];
    }
  });
}

function valueAt(value: unknown, keys: readonly (string | number)[]): unknown {
  let at = value;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at;
}

const pathText = (keys: readonly (string | number)[]): string =>
  keys.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('');

const typeWords: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
  string: 'text',
  int: 'a whole number',
  boolean: 'true or false',
};
const typeWord = (type: string): string => typeWords[type] ?? `a ${type}`;

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : shown(value);
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
