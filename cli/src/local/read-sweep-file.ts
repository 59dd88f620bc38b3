import { readFile, stat } from 'node:fs/promises';
import { errorText, LabError, SweepFile, type SweepFileInput } from '@hilltop/contracts';
import { isMap, isPair, isScalar, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml';
import { type Expectation, expectations } from './sweep-expectations.js';

/** Longer than any that a person writes; read whole. */
const longestBytes = 1 << 20;

/** A place in the file where something else was expected; line and column count from 1. */
export interface SweepFileIssue extends Pick<Expectation, 'path' | 'expected'> {
  readonly line: number;
  readonly column: number;
}

/**
 * A sweep file, YAML 1.2 or JSON, as it is written: defaults are the lab's. Throws `sweep.invalid`, each issue with file, line, column, the path in the
 * file and what was expected there; `usage.invalid` for a file that cannot be read. `name`: what messages call it.
 */
export async function readSweepFile(path: string, name = path): Promise<SweepFileInput> {
  return parseSweepFile(await textOf(path, name), name);
}

/** Pure: the text of a sweep file. */
export function parseSweepFile(text: string, name: string): SweepFileInput {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): Pick<SweepFileIssue, 'line' | 'column'> => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (document.errors.length > 0)
    throw refusal(
      name,
      document.errors.map(({ message, pos }) => ({ ...place(pos[0]), path: '', expected: message })),
    );
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    throw refusal(name, [{ line: 1, column: 1, path: '', expected: errorText(error) }]);
  }
  const parsed = SweepFile.safeParse(value);
  const found = expectations(value, parsed.success ? [] : parsed.error.issues);
  if (found.length > 0)
    throw refusal(
      name,
      found.map((issue) => ({ ...place(offsetOf(document.contents, issue)), ...issue })),
    );
  return value as SweepFileInput;
}

/** Where a path of the file begins, or the nearest thing around it that is there; of an unknown key, the key. */
function offsetOf(root: ParsedNode | null, { keys, unknownKey }: Expectation): number {
  let node: Node | null | undefined = root;
  for (const key of keys) {
    const next: unknown = hasChildren(node) ? node.get(key, true) : undefined;
    if (!isNode(next)) break;
    node = next;
  }
  if (unknownKey !== undefined && isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === unknownKey);
    if (isPair(pair) && isScalar(pair.key)) return pair.key.range?.[0] ?? 0;
  }
  return node?.range?.[0] ?? 0;
}

const hasChildren = (node: unknown): node is { get(key: unknown, keep: true): unknown } =>
  typeof node === 'object' && node !== null && 'items' in node;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'range' in value;

/** `nightly.yaml:4:12: protocol: expected one of quick, standard, strict` for each issue, in the order of the file. */
function refusal(name: string, found: readonly SweepFileIssue[]): LabError {
  const issues = [...found].sort((a, b) => a.line - b.line || a.column - b.column);
  const text = issues
    .map(
      ({ line, column, path, expected }) => `${name}:${line}:${column}: ${path === '' ? '' : `${path}: `}${expected}`,
    )
    .join('\n');
  return new LabError(
    'sweep.invalid',
    `${text}\n\`hilltop sweep schema\` has every field, docs/sweeps.md explains them.`,
    {
      file: name,
      issues: issues.map(({ line, column, path, expected }) => ({ line, column, path, expected })),
    },
  );
}

async function textOf(path: string, name: string): Promise<string> {
  try {
    if ((await stat(path)).size > longestBytes)
      throw new LabError('usage.invalid', `${name} is larger than 1 MiB: it is no sweep file.`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof LabError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new LabError(
      'usage.invalid',
      missing ? `there is no file ${name}.` : `${name} cannot be read: ${errorText(error)}.`,
    );
  }
}
