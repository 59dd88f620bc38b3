import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Files of the kernel are short (a page at most); reads are synchronous, so that one buffer serves all. */
const buffer = Buffer.alloc(8192);

/**
 * Text of a file of the kernel under the root; undefined where it cannot be read: such files may exist and still answer
 * EAGAIN, EINVAL, ENODATA. Opened anew each time: no descriptor outlives a device that went.
 */
export function readFile(root: string, path: string): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(join(root, path), 'r');
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, 0));
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** A decimal number, up to the first blank (`4000 ma`); undefined for everything else, such as `N/A` or nothing. */
export function parseDecimal(text: string | undefined): number | undefined {
  const digits = /^\s*([+-]?\d{1,20}(?:\.\d{1,12})?)(?=\s|$)/.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The number that a file of the kernel holds. */
export function readNumber(root: string, path: string): number | undefined {
  return parseDecimal(readFile(root, path));
}

/** One line of text from outside as a label: no control characters, no double blanks; undefined when nothing is left. */
export function cleanLabel(text: string | undefined): string | undefined {
  return (
    text
      ?.replace(/[\p{Cc}\uFFFD]+/gu, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 80) || undefined
  );
}

/** Names in a folder under the root in counting order (`zone2` before `zone10`); none when there is no such folder. */
export function namesIn(root: string, path: string): string[] {
  try {
    return readdirSync(join(root, path)).sort(countingOrder);
  } catch {
    return [];
  }
}

/** Order of names with numbers in them. */
export function countingOrder(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** Last part of what a symbolic link points to, whether or not that is there. */
export function linkedName(root: string, path: string): string | undefined {
  try {
    return basename(readlinkSync(join(root, path)));
  } catch {
    return undefined;
  }
}

/**
 * Why a file or folder cannot be opened: `EACCES`, `ENOENT` ...; undefined when it can. By opening it, not by asking for rights:
 * only that knows of capabilities.
 */
export function openFailure(root: string, path: string, flags: 'r' | 'r+' = 'r'): string | undefined {
  try {
    closeSync(openSync(join(root, path), flags));
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EIO';
  }
}

/** Whether a file or folder is there and the kernel says that it is not for this user. */
export function isForbidden(root: string, path: string): boolean {
  const code = openFailure(root, path);
  return code === 'EACCES' || code === 'EPERM';
}
