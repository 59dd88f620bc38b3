import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone's top folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What went wrong and what to do about it. */
export class SetupError extends Error {
  constructor(what, remedy) {
    super(what);
    this.remedy = remedy;
  }
}

/** Runs `work`, which returns false if there was nothing to do, and says how long it took if there was. */
export function step(name, work) {
  const began = performance.now();
  if (work()) process.stderr.write(`set-up: ${name} done in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
}

/** Runs a program with its output shown on standard error; throws a SetupError if it fails. */
export function run(program, args, { remedy, title, env = {}, cwd = root } = {}) {
  const line = title ?? [program, ...args].join(' ');
  process.stderr.write(`set-up: ${line} ...\n`);
  const result = spawnSync(program, args, {
    cwd,
    // Standard output stays clean: `npm start -- --json` and the like belong to the program after us.
    stdio: ['ignore', 2, 2],
    env: {
      ...process.env,
      // Its install script would fetch CUDA libraries, fails offline, and npm 10 does not know allowScripts.
      ONNXRUNTIME_NODE_INSTALL: 'skip',
      npm_config_update_notifier: 'false',
      ...env,
    },
    shell: process.platform === 'win32',
  });
  if (result.error) throw new SetupError(`${program} could not be started: ${result.error.message}`, remedy);
  if (result.status !== 0) throw new SetupError(`\`${line}\` ended with ${result.status ?? result.signal}.`, remedy);
}

/** Runs the npm that runs us, else the one on the path. */
export function npm(args, options) {
  const own = process.env.npm_execpath;
  if (own?.endsWith('npm-cli.js'))
    run(process.execPath, [own, ...args], { title: `npm ${args.join(' ')}`, ...options });
  else run('npm', args, options);
}
