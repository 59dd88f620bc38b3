// Runs jest's projects one after the other and closes with `N passed, N failed, N skipped`.
//
//   node scripts/test.mjs                    unit, then end to end
//   node scripts/test.mjs --long             the long suites (*.long.test.ts)
//   node scripts/test.mjs stats -t median    anything else goes to jest: paths, -t, --verbose
//   node scripts/test.mjs --update-suites    writes the list of suites anew, runs nothing
//
// The committed list (test/suites.json) is why a suite cannot vanish unnoticed: one that is listed and did not run
// has failed, and so has one that ran and is not listed. With CI=true a skipped test has failed too.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closingLine, compareSuites, tally } from './test/tally.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const listFile = join(root, 'test', 'suites.json');
const results = join(root, 'test', '.results');
const minute = 60_000;

// e2e suites start several processes each and measure time, so never more than two at once.
const projects = {
  unit: { workers: Math.max(2, availableParallelism() - 1), testTimeout: 20_000, limit: 20 * minute },
  e2e: { workers: 2, testTimeout: 2 * minute, limit: 45 * minute },
  long: { workers: 1, testTimeout: 15 * minute, limit: 60 * minute },
};

const own = new Set(['--long', '--update-suites']);
const args = process.argv.slice(2);
const forJest = args.filter((arg) => !own.has(arg));
if (args.includes('--update-suites')) updateSuites();
else process.exitCode = main(args.includes('--long') ? ['long'] : ['unit', 'e2e']);

function main(names) {
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const listed = JSON.parse(readFileSync(listFile, 'utf8'));
  const total = { passed: 0, failed: 0, skipped: [] };
  for (const name of names) {
    const report = runProject(name);
    const { passed, failed, skipped, suites } = tally(report, (path) => relative(root, path));
    total.passed += passed;
    total.failed += failed;
    total.skipped.push(...skipped);
    if (forJest.length > 0) continue; // a chosen few: nothing to compare with the list
    for (const complaint of compareSuites(listed[name] ?? [], suites)) {
      say(`${name}: ${complaint}`);
      total.failed += 1;
    }
  }
  return conclude(total);
}

function runProject(name) {
  const { workers, testTimeout, limit } = projects[name];
  const outputFile = join(results, `${name}.json`);
  const status = jest(
    ['--selectProjects', name, `--maxWorkers=${workers}`, `--testTimeout=${testTimeout}`, '--passWithNoTests'],
    ['--json', `--outputFile=${outputFile}`, ...forJest],
    { stdio: ['ignore', 'ignore', 'inherit'], timeout: limit, killSignal: 'SIGKILL' },
  ).status;
  try {
    return JSON.parse(readFileSync(outputFile, 'utf8'));
  } catch {
    say(status === null ? `${name}: stopped after ${limit / minute} minutes` : `${name}: jest ended with ${status}`);
    return undefined;
  }
}

function conclude({ passed, failed, skipped }) {
  const ci = process.env.CI === 'true';
  for (const title of skipped) say(`${ci ? 'skipped, which CI=true does not allow' : 'skipped'}: ${title}`);
  const counts = { passed, failed: failed + (ci ? skipped.length : 0), skipped: ci ? 0 : skipped.length };
  const nothing = counts.passed + counts.failed + counts.skipped === 0;
  if (nothing) say('no test ran: does the path or the title given match any?');
  process.stdout.write(`${closingLine(counts)}\n`);
  return counts.failed > 0 || nothing ? 1 : 0;
}

function updateSuites() {
  const list = {};
  for (const name of Object.keys(projects)) {
    const { status, stdout } = jest(['--selectProjects', name, '--listTests', '--json'], [], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`jest --listTests ended with ${status}`);
    const paths = JSON.parse(stdout.slice(stdout.indexOf('[')));
    list[name] = paths.map((path) => relative(root, path)).sort();
  }
  writeFileSync(listFile, `${JSON.stringify(list, null, 2)}\n`);
  say(`${Object.values(list).flat().length} suites written to ${relative(root, listFile)}`);
}

function jest(first, more, options) {
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  return spawnSync(process.execPath, [...node, 'node_modules/jest/bin/jest.js', ...first, ...more], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
