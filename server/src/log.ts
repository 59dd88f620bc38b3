import pino, { type DestinationStream, type Logger } from 'pino';

export type Log = Logger;
/** Injection token of the log. */
export const LOG = Symbol('log');

/** Shown in place of a secret. */
const hidden = '[hidden]';

/** Hides tokens, assertions in a bearer header and query strings, wherever they are in a text. */
export function redactText(text: string): string {
  return text
    .replace(/hlt_[a-z]+_\w+(\.[0-9a-f]{16})?/g, hidden)
    .replace(/(bearer\s+)[\w.~+/-]+=*/gi, `$1${hidden}`)
    .replace(/([#?&]code=)[0-9A-Za-z]+/g, `$1${hidden}`)
    .replace(/\?[^\s"'\\]+/g, `?${hidden}`);
}

const secretKeys = /^(authorization|password|token|jointoken|secret|cookie|code_)$/i;

/** A copy of `value` without secrets, at most 6 levels deep. */
function redactValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (value instanceof Error) return { message: redactText(value.message), stack: redactText(value.stack ?? '') };
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 6) return '…';
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => redactValue(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, secretKeys.test(key) ? hidden : redactValue(item, depth + 1)]),
  );
}

/**
 * JSON lines on standard error. Bind `jobId`, `runId`, `agentId`, `deviceId`, `requestId` with `log.child`;
 * nothing secret gets through, whatever is handed in: fields by their names, and every line as a whole.
 */
export function createLog(
  level: string,
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Log {
  return pino(
    {
      level,
      base: undefined,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redactValue(fields) as Record<string, unknown>,
      },
    },
    { write: (line) => destination.write(redactText(line)) },
  );
}
