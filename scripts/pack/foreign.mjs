import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { npm, root } from '../setup/lib.mjs';

/**
 * Files of a package that npm does not install here because it is for another platform, as {path: bytes}.
 * Fetched once with npm's own settings, checked against the lock, kept in `cache`.
 */
export function foreignPackage(name, cache) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { version, integrity } = packages[`node_modules/${name}`];
  const folder = join(cache, 'foreign', `${name.replace('/', '-')}-${version}`);
  let archive = read(folder);
  if (!archive || !intact(archive, integrity)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    npm(['pack', `${name}@${version}`, '--silent', '--pack-destination', folder], {
      title: `npm pack ${name}@${version}`,
      remedy: 'The registry could not be reached.',
    });
    archive = read(folder);
    if (!archive || !intact(archive, integrity)) throw new Error(`${name}@${version} is not what the lock says`);
  }
  return untar(gunzipSync(archive));
}

function read(folder) {
  const name = existsSync(folder) && readdirSync(folder).find((file) => file.endsWith('.tgz'));
  return name ? readFileSync(join(folder, name)) : undefined;
}

function intact(archive, integrity) {
  const [algorithm, digest] = [integrity.slice(0, integrity.indexOf('-')), integrity.slice(integrity.indexOf('-') + 1)];
  return createHash(algorithm).update(archive).digest('base64') === digest;
}

/** Regular files of a plain ustar archive as npm makes them, without the leading `package/`. */
function untar(bytes) {
  const files = new Map();
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const text = (from, length) => bytes.toString('utf8', at + from, at + from + length).split('\0', 1)[0];
    const size = Number.parseInt(text(124, 12), 8);
    const prefix = text(345, 155);
    const path = (prefix ? `${prefix}/` : '') + text(0, 100);
    if (text(156, 1) === '0' || text(156, 1) === '') {
      files.set(path.replace(/^[^/]+\//, ''), bytes.subarray(at + 512, at + 512 + size));
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
