import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** firmware-bridge/firmware */
export const firmware = dirname(dirname(fileURLToPath(import.meta.url)));

/** Folders whose C files are in every image. */
export const shared = ['core', 'session', 'smp', 'tiny'];

/** What else every image has. */
export const program = ['boards/device.c', 'boards/main.c'];

/** Paths from `firmware` on of all files below `folder` with one of these endings, sorted by code unit. */
export function filesBelow(folder, endings) {
  const found = [];
  for (const entry of readdirSync(join(firmware, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...filesBelow(path, endings));
    else if (endings.some((ending) => entry.name.endsWith(ending))) found.push(path);
  }
  return found.sort();
}

/** C files of the folders that every image contains. Those of tests and benchmarks stay outside. */
export function sharedSources() {
  return shared.flatMap((folder) => filesBelow(folder, ['.c'])).filter((path) => !/\b(test|fuzz|bench)\b/.test(path));
}

/** SHA-256 over the names and bytes of everything an image depends on. */
export function sourcesHash() {
  const hash = createHash('sha256');
  const folders = [...shared, 'boards', 'build'];
  const files = folders.flatMap((folder) => filesBelow(folder, ['.c', '.h', '.S', '.ld', '.mjs'])).sort();
  for (const file of files) {
    // A checkout on Windows may have turned line ends; the hash must not.
    const text = readFileSync(join(firmware, file), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`${file}\0${Buffer.byteLength(text)}\0${text}`);
  }
  return hash.digest('hex');
}
