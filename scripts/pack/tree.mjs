import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/**
 * Finds what `start` (a workspace folder) needs at run time, as Node would find it.
 * Returns a map from the place in the bundle ('' for start itself, 'node_modules/mqtt', ...) to
 * {folder, manifest}. `leaveOut(name)` drops a dependency together with what only it needs.
 */
export function productionTree(root, start, leaveOut) {
  const found = new Map();
  visit(join(root, start), '');
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));

  function visit(folder, place) {
    const known = found.get(place);
    if (known?.folder === folder) return;
    if (known) {
      throw new Error(`${place}: two versions are asked for (${known.folder}, ${folder}): give both packages the same`);
    }
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    found.set(place, { folder, manifest });
    const optional = manifest.optionalDependencies ?? {};
    for (const name of Object.keys({ ...manifest.dependencies, ...optional })) {
      if (leaveOut(name)) continue;
      const at = lookUp(folder, name);
      if (at) visit(realpathSync(at), placeOf(at));
      else if (!(name in optional)) throw new Error(`${name}, which ${manifest.name} needs, is not installed`);
    }
  }

  function lookUp(folder, name) {
    for (let at = folder; at.startsWith(root); at = dirname(at)) {
      const path = join(at, 'node_modules', name);
      if (existsSync(path)) return path;
    }
    return undefined;
  }

  /** A workspace's own node_modules move along with it; everything else keeps its place. */
  function placeOf(path) {
    const steps = relative(root, path).split(sep);
    const workspace = steps.indexOf('node_modules') > 0 ? steps[0] : undefined;
    if (!workspace) return steps.join('/');
    const rest = steps.slice(steps.indexOf('node_modules')).join('/');
    return workspace === start ? rest : `node_modules/@hilltop/${workspace}/${rest}`;
  }
}

/** The files of one package as paths below it, without the packages inside it. */
export function filesOf(folder, accept) {
  const paths = [];
  walk('');
  return paths.sort();

  function walk(below) {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (entry.name === 'node_modules') continue;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile() && accept(path)) paths.push(path);
    }
  }
}
