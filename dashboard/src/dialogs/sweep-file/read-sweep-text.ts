import { parseConstraint, SweepFile, type SweepFileInput } from '@hilltop/contracts';
import { isScalar, LineCounter, parseDocument } from 'yaml';

export interface SweepTextError {
  /** From 1; absent: of the file as a whole. */
  readonly line?: number;
  /** `recipes[1].vary`, or nothing. */
  readonly path: string;
  readonly message: string;
}

export type SweepText = { readonly file: SweepFileInput } | { readonly errors: readonly SweepTextError[] };

/** A sweep file as text, YAML or JSON: as it is written (defaults are the lab's), or what is wrong with it and where. Pure. */
export function readSweepText(text: string): SweepText {
  if (text.trim() === '') return { errors: [{ path: '', message: 'write, paste or choose a sweep file' }] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    return {
      errors: document.errors.map(({ message, pos }) => ({ line: lines.linePos(pos[0]).line, path: '', message })),
    };
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    return { errors: [{ path: '', message: (error as Error).message }] };
  }
  const parsed = SweepFile.safeParse(value);
  const lineOf = (path: readonly PropertyKey[]): { line?: number } => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
      if (node?.range && (isScalar(node) || length === path.length)) return { line: lines.linePos(node.range[0]).line };
    }
    return {};
  };
  if (!parsed.success)
    return {
      errors: parsed.error.issues.map(({ path, message }) => ({ ...lineOf(path), path: pathText(path), message })),
    };
  const wrong = parsed.data.constraints.flatMap((each, i): SweepTextError[] => {
    try {
      parseConstraint(each);
      return [];
    } catch (error) {
      return [{ ...lineOf(['constraints', i]), path: `constraints[${i}]`, message: (error as Error).message }];
    }
  });
  return wrong.length > 0 ? { errors: wrong } : { file: value as SweepFileInput };
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`)).join('');

/** `line 4, protocol: expected …` */
export const errorLine = ({ line, path, message }: SweepTextError): string =>
  [...(line === undefined ? [] : [`line ${line}`]), ...(path === '' ? [] : [path])].join(', ') +
  (line === undefined && path === '' ? message : `: ${message}`);
