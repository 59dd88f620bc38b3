import { readFileSync } from 'node:fs';

interface LockEntry {
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  resolved?: string;
  link?: boolean;
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const lock = JSON.parse(read('package-lock.json')).packages as Record<string, LockEntry>;
const workspaces = JSON.parse(read('package.json')).workspaces as string[];

// Natives that come as one package per platform. Everything here is linux with glibc and macOS.
const platformPackages: Record<string, string[]> = {
  '@swc/core': [
    '@swc/core-linux-x64-gnu',
    '@swc/core-linux-arm64-gnu',
    '@swc/core-darwin-x64',
    '@swc/core-darwin-arm64',
  ],
  '@biomejs/biome': [
    '@biomejs/cli-linux-x64',
    '@biomejs/cli-linux-arm64',
    '@biomejs/cli-darwin-x64',
    '@biomejs/cli-darwin-arm64',
  ],
  libsql: ['@libsql/linux-x64-gnu', '@libsql/linux-arm64-gnu', '@libsql/darwin-x64', '@libsql/darwin-arm64'],
};

// Natives that carry every binary in the one package; checked by tests that load them.
const singlePackages = ['onnxruntime-node', 'serialport'];

function missing(packages: Record<string, LockEntry>): string[] {
  return Object.entries(platformPackages).flatMap(([name, wanted]) =>
    wanted.filter((platform) => {
      const pinned = packages[`node_modules/${name}`]?.optionalDependencies?.[platform];
      const locked = packages[`node_modules/${platform}`]?.version;
      return !pinned || pinned !== locked;
    }),
  );
}

test('every pinned native resolves its packages for linux and darwin, x64 and arm64', () => {
  expect(missing(lock)).toEqual([]);
});

test('a platform package lost from the lock is found', () => {
  const { 'node_modules/@libsql/darwin-arm64': _lost, ...rest } = lock;
  expect(missing(rest)).toEqual(['@libsql/darwin-arm64']);
});

test('no optional package that the lock asks for is missing from it', () => {
  const lost = Object.entries(lock).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter((name) => !findUpwards(path, name)),
  );
  expect(lost).toEqual([]);
});

test('natives are pinned exactly, to what the lock holds', () => {
  const natives = [...Object.keys(platformPackages), ...singlePackages, '@toondepauw/node-zstd'];
  const pins = ['', ...workspaces].flatMap((folder) => {
    const manifest = JSON.parse(read(folder ? `${folder}/package.json` : 'package.json'));
    const wanted: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies };
    return natives.filter((name) => wanted[name]).map((name) => [name, wanted[name]] as const);
  });
  expect(new Set(pins.map(([name]) => name))).toEqual(new Set(natives));
  expect(pins.filter(([name, version]) => lock[`node_modules/${name}`]?.version !== version)).toEqual([]);
});

test('the lock knows what the manifests ask for', () => {
  for (const folder of ['', ...workspaces]) {
    const manifest = JSON.parse(read(folder ? `${folder}/package.json` : 'package.json'));
    const asked = { ...manifest.dependencies, ...manifest.devDependencies };
    expect([folder, { ...lock[folder]?.dependencies, ...lock[folder]?.devDependencies }]).toEqual([folder, asked]);
  }
});

test('the lock names no registry', () => {
  const named = Object.values(lock).filter((entry) => entry.resolved && !entry.link);
  expect(named).toEqual([]);
});

/** Node's own look-up: `name` in the node_modules of `path` or of any folder above it. */
function findUpwards(path: string, name: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (lock[at ? `${at}/node_modules/${name}` : `node_modules/${name}`]) return true;
    if (!at) return false;
  }
}
