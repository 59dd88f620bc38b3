// Brings a clone to the point where everything runs: packages, build, dashboard, what suites need from the system.
// Plain Node without dependencies, because it runs before there are any. Run it as often as you like:
// a step whose inputs did not change is skipped.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSteps } from './setup/build.mjs';
import { npm, root, SetupError, step } from './setup/lib.mjs';
import { missingPackages, packagesStamp } from './setup/stamp.mjs';
import { systemPackages } from './setup/system.mjs';

const tryAgain = 'The lines above say why: no network, a full disk, a proxy npm does not know? Then run it again.';
const cache = join(root, 'node_modules', '.cache', 'hilltop');

function nodeIsNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return false;
  throw new SetupError(`Hilltop needs Node 20.19 or newer and this is ${process.version}.`, 'See https://nodejs.org.');
}

function packages() {
  const stampFile = join(cache, 'packages');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === packagesStamp()) return false;
  rmSync(stampFile, { force: true });
  // `npm install`, not `npm ci`: it bears a registry that lacks another platform's optional package.
  // --no-save: npm 10 would write the lock without npm 11's `libc` fields. Who changes a manifest runs npm himself.
  npm(['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    remedy: tryAgain,
  });
  // npm 10 can end with status 0 and nothing installed ("Exit handler never called!"), so look.
  const missing = missingPackages();
  if (missing.length > 0) throw new SetupError(`npm left out ${missing.length} packages (${missing[0]}).`, tryAgain);
  mkdirSync(cache, { recursive: true });
  writeFileSync(stampFile, packagesStamp());
  return true;
}

try {
  const began = performance.now();
  step('node', nodeIsNewEnough);
  step('packages', packages);
  for (const [name, work] of buildSteps(cache)) step(name, work);
  step('system', systemPackages);
  process.stderr.write(`set-up: ready in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`set-up: ${error.message}\n        ${error.remedy}\n`);
  process.exitCode = 1;
}
