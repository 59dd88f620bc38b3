import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, SetupError } from './lib.mjs';
import { sourcesStamp } from './stamp.mjs';

const node = process.execPath;

/** The build as named steps, each of which does nothing if its sources are those of the last build. */
export function buildSteps(cache) {
  const { references } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const folders = references.map((reference) => reference.path.replace(/^\.\//, ''));
  const isSource = (path) =>
    (/\.([cm]?js|tsx?|css|html|svg|json)$/.test(path) || path.includes('/prebuilt/')) && !/\.test\.tsx?$/.test(path);
  const config = ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json'];
  const infos = folders.map((folder) => `${folder}/dist/.tsbuildinfo`);
  const inAgent = ['agent', 'contracts', 'firmware-bridge', 'scripts'];

  return [
    ['build', () => onChange('build', folders, infos, typescript)],
    ['dashboard', () => onChange('dashboard', ['dashboard', 'contracts'], ['dashboard/dist/index.html'], vite)],
    ['agent package', () => onChange('agent', inAgent, ['dist/agent.tgz', 'dist/agent.json'], agentPackage)],
  ];

  function onChange(name, sources, outputs, make) {
    const file = join(cache, name);
    const stamp = sourcesStamp([...config, ...sources], isSource);
    const built = outputs.every((path) => existsSync(join(root, path)));
    if (built && existsSync(file) && readFileSync(file, 'utf8') === stamp) return false;
    rmSync(file, { force: true });
    if (make() === false) return false;
    mkdirSync(cache, { recursive: true });
    writeFileSync(file, stamp);
    return true;
  }
}

function typescript() {
  run(node, ['node_modules/typescript/bin/tsc', '-b'], {
    title: 'tsc -b',
    remedy: 'The errors above are in the sources: mend them, or go back to a commit that builds.',
  });
}

function vite() {
  if (!existsSync(join(root, 'dashboard', 'index.html'))) return false;
  const program = ['node_modules', 'dashboard/node_modules'].map((folder) =>
    join(root, folder, 'vite', 'bin', 'vite.js'),
  );
  const found = program.find((path) => existsSync(path));
  if (!found) throw new SetupError('Vite is not installed.', 'Remove node_modules and run it again.');
  run(node, [found, 'build', '--logLevel', 'warn'], {
    title: 'vite build',
    cwd: join(root, 'dashboard'),
    remedy: 'The errors above are in dashboard/: mend them, or go back to a commit that builds.',
  });
}

function agentPackage() {
  try {
    run(node, ['scripts/pack-agent.mjs'], {
      title: 'node scripts/pack-agent.mjs',
      remedy: 'The lab runs all the same; it cannot hand out its agent (/agent.tgz) until this works.',
    });
  } catch (error) {
    process.stderr.write(`set-up: ${error.message}\n        ${error.remedy}\n`);
    return false;
  }
}
