import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib.mjs';

const skipped = new Set(['node_modules', 'dist', '.git', '.cache']);

/** Names everything that decides what `npm install` makes: manifests, lock, Node's ABI and the platform. */
export function packagesStamp() {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const files = ['package-lock.json', '.npmrc', 'package.json', ...workspaces.map((name) => `${name}/package.json`)];
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0${readIfThere(join(root, file))}\0`);
  const report = process.report?.getReport?.();
  const libc = process.platform === 'linux' ? String(report?.header?.glibcVersionRuntime ? 'glibc' : 'musl') : '';
  hash.update([process.version, process.versions.modules, process.platform, process.arch, libc].join(' '));
  return hash.digest('hex');
}

/** Packages that the lock asks for on every platform and that are not there. */
export function missingPackages() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.optional && !entry.devOptional && !entry.peer)
    .filter(([path]) => !existsSync(join(root, path, 'package.json')))
    .map(([path]) => path);
}

/** Names the state of source files by path, size and modification time: a few ms for the whole clone. */
export function sourcesStamp(paths, accept = () => true) {
  const hash = createHash('sha256');
  for (const path of paths) visit(path);
  hash.update(process.version);
  return hash.digest('hex');

  function visit(path) {
    const full = join(root, path);
    const stat = statSync(full, { throwIfNoEntry: false });
    if (!stat) return;
    if (stat.isFile()) {
      if (accept(path)) hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`);
      return;
    }
    for (const entry of readdirSync(full).sort()) if (!skipped.has(entry)) visit(join(path, entry));
  }
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
