// Makes dist/agent.tgz: the agent as one package that installs without a registry, a compiler or a script,
//
//     npm install -g http://lab:7070/agent.tgz
//
// on linux x64 and arm64. The coordinator serves it, so that an agent always has the lab's own version.
// `node scripts/pack-agent.mjs` makes it if anything it holds has changed; the set-up does so too.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { foreignPackage } from './pack/foreign.mjs';
import { writeTgz } from './pack/tar.mjs';
import { filesOf, productionTree } from './pack/tree.mjs';
import { root } from './setup/lib.mjs';

const out = join(root, 'dist');
const archive = join(out, 'agent.tgz');
const facts = join(out, 'agent.json');
const cache = join(root, 'node_modules', '.cache', 'hilltop');

const zstd = '@toondepauw/node-zstd';
const platforms = [`${zstd}-linux-x64-gnu`, `${zstd}-linux-arm64-gnu`];

// Needed by install scripts or by the compiler only.
const unused = (name) =>
  name.startsWith('@types/') ||
  ['adm-zip', 'global-agent', 'node-addon-api'].includes(name) ||
  (name.startsWith(`${zstd}-`) && !platforms.includes(name));

const notForRunning =
  /(\.map|\.[cm]?ts|\.tsbuildinfo|\.gyp|\.gypi|\.cc|\.cpp|\.h|\.hpp)$|(^|\/)(README|CHANGELOG|HISTORY)[^/]*$/i;
const kept = {
  'onnxruntime-node': (path) => !/^(bin\/(?!napi-v6\/linux\/)|script\/|lib\/)/.test(path),
  '@serialport/bindings-cpp': (path) => !/^(src\/|prebuilds\/(?!linux-(x64|arm64)\/))/.test(path),
  zod: (path) => !path.startsWith('src/'),
  mqtt: (path) => !path.startsWith('dist/'), // browser builds
  '@hilltop/agent': (path) => /^(assets|bin|dist)\//.test(path),
  '@hilltop/contracts': (path) => path.startsWith('dist/'),
  '@hilltop/firmware-bridge': (path) => /^(dist|firmware\/prebuilt)\//.test(path),
};

/** Makes the archive unless the one there is still right: {path, sha256, bytes, version, made}. */
export async function packAgent() {
  const entries = [...listing()];
  const stamp = stampOf(entries);
  const known = existsSync(facts) && existsSync(archive) ? JSON.parse(readFileSync(facts, 'utf8')) : undefined;
  if (known?.stamp === stamp) return { path: archive, ...known, made: false };
  mkdirSync(out, { recursive: true });
  const half = `${archive}.${process.pid}`;
  await writeTgz(half, contents(entries));
  const bytes = readFileSync(half);
  const made = {
    version: entries[0].manifest.version,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    stamp,
  };
  renameSync(half, archive);
  writeFileSync(facts, `${JSON.stringify(made, null, 2)}\n`);
  return { path: archive, ...made, made: true };
}

/** Every file of the archive as {name, source or bytes, mode}; manifests come as {name, manifest}. */
function* listing() {
  const tree = productionTree(root, 'agent', unused);
  const bundled = [...tree.keys(), ...platforms.map((name) => `node_modules/${name}`)]
    .map((place) => place.split('node_modules/').slice(1))
    .filter((names) => names.length === 1); // what lies deeper comes along
  for (const [place, { folder, manifest }] of tree) {
    const base = ['package', place].filter(Boolean).join('/');
    yield { name: `${base}/package.json`, manifest: place ? tidy(manifest) : topManifest(manifest) };
    const keep = kept[manifest.name] ?? (() => true);
    for (const path of filesOf(folder, (path) => keep(path) && !notForRunning.test(path))) {
      if (path === 'package.json') continue;
      const executable = !place && path.startsWith('bin/') && path !== 'bin/load.cjs';
      yield { name: `${base}/${path}`, source: join(folder, path), mode: executable ? 0o755 : 0o644 };
    }
  }
  yield { name: 'package/LICENSE', source: join(root, 'LICENSE') };
  for (const name of platforms) {
    if (tree.has(`node_modules/${name}`)) continue;
    for (const [path, bytes] of foreignPackage(name, cache)) {
      if (!notForRunning.test(path)) yield { name: `package/node_modules/${name}/${path}`, bytes, mode: 0o644 };
    }
  }

  /** Without scripts (nothing is to be built) and without dependencies that are not in the bundle. */
  function tidy({ scripts, devDependencies, gypfile, ...manifest }) {
    const still = (names) => Object.fromEntries(Object.entries(names ?? {}).filter(([name]) => !unused(name)));
    const optionalDependencies = still(manifest.optionalDependencies);
    return { ...manifest, dependencies: still(manifest.dependencies), optionalDependencies };
  }

  function topManifest(manifest) {
    const names = Object.keys(manifest.dependencies);
    const version = (name) => tree.get(`node_modules/${name}`).manifest.version;
    const { version: own, description, license, type, engines, bin } = manifest;
    return {
      name: 'hilltop-agent',
      version: own,
      description,
      license,
      type,
      engines,
      os: ['linux'],
      bin,
      dependencies: Object.fromEntries(names.map((name) => [name, version(name)])),
      bundleDependencies: [...new Set(bundled.flat())].sort(),
    };
  }
}

function* contents(entries) {
  for (const { name, manifest, bytes, source, mode = 0o644 } of entries) {
    const data = manifest ? Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) : (bytes ?? readFileSync(source));
    yield { name, mode, bytes: data };
  }
}

/** Our own files by content, as the compiler touches what it did not change; packages by size, as they are many. */
function stampOf(entries) {
  const hash = createHash('sha256');
  for (const { name, manifest, bytes, source, mode } of entries) {
    const big = source && name.includes('node_modules/') && !name.includes('node_modules/@hilltop/');
    hash.update(`${name}\0${mode}\0`);
    if (manifest) hash.update(JSON.stringify(manifest));
    else hash.update(big ? String(statSync(source).size) : (bytes ?? readFileSync(source)));
  }
  return hash.digest('hex');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { path, bytes, made } = await packAgent();
  process.stderr.write(`${path}: ${(bytes / 1e6).toFixed(1)} MB, ${made ? 'made' : 'as it was'}\n`);
}
