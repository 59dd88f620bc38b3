import { writeFileSync } from 'node:fs';

/** Writes where it is allowed; a kernel that refuses costs a nicety, not the run. */
export function tryWrite(path: string, text: string): boolean {
  try {
    writeFileSync(path, text);
    return true;
  } catch {
    return false;
  }
}
