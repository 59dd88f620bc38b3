import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// npm lays every package at the top, so an import that its package does not declare works in the clone and
// fails where the package is installed alone: in the agent that the lab hands out.

const root = fileURLToPath(new URL('../..', import.meta.url));
const workspaces: string[] = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).workspaces;
const shipped = workspaces.filter((folder) => folder !== 'test' && folder !== 'bench');

/** Names of the packages that a source text imports. */
function packagesOf(source: string): string[] {
  const specifiers = [...source.matchAll(/\b(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/g)].map(
    (match) => match[2] ?? '',
  );
  return specifiers
    .filter((name) => /^[@a-z]\S*$/.test(name) && !isBuiltin(name))
    .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
}

function undeclared(folder: string): string[] {
  const { name, dependencies } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const sources = folder === 'migrations' ? join(root, folder) : join(root, folder, 'src');
  return readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter(
      (path) =>
        /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !/(^|\/)(dist|node_modules|testing)\//.test(path),
    )
    .flatMap((path) => packagesOf(readFileSync(join(sources, path), 'utf8')).map((used) => `${path}: ${used}`))
    .filter((line) => !(line.split(': ')[1]! in { ...dependencies, [name]: '' }));
}

test.each(shipped)('%s declares every package that it imports', (folder) => {
  expect(undeclared(folder)).toEqual([]);
});

test('imports of every form are seen, builtins and relative ones are not', () => {
  const source = `
    import a from 'alpha';
    import type { B } from "@beta/b/deep";
    import 'gamma/style.css';
    export * from 'delta';
    const e = await import('epsilon');
    import fs from 'node:fs'; import path from 'path'; import own from './own.js';`;
  expect(packagesOf(source)).toEqual(['alpha', '@beta/b', 'gamma', 'delta', 'epsilon']);
});
