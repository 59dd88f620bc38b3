import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { errorText, isLabError } from '@hilltop/contracts';
import pino from 'pino';
import { runAgent } from './agent.js';
import { flash, flashedText } from './boards/flash.js';
import { type AgentCommand, type AgentConfig, parseAgentArgs, usage } from './config.js';
import { checkupText, examine } from './doctor.js';
import { enrol } from './membership.js';
import { lineReporter } from './reporter.js';
import { installService, runSystemctl } from './service.js';
import { version } from './version.js';

/** Exit status: 0 done, 1 the answer is no, 2 wrong use, 3 infrastructure. */
function exitStatus(error: unknown): number {
  if (!isLabError(error)) return 3;
  if (error.code === 'request.invalid') return 2;
  return error.code.startsWith('join.') || error.code === 'link.rejected' ? 1 : 3;
}

async function main(argv: readonly string[]): Promise<number> {
  let command: AgentCommand | undefined;
  try {
    command = parseAgentArgs(argv);
    return await run(command);
  } catch (error) {
    const json = command?.config.json ?? argv.includes('--json');
    const code = isLabError(error) ? error.code : 'lab.internal';
    if (json) process.stdout.write(`${JSON.stringify({ event: 'error', code, message: errorText(error) })}\n`);
    else process.stderr.write(`hilltop-agent: ${errorText(error)} (${code})\n`);
    return exitStatus(error);
  }
}

async function run({ kind, config, flash: order }: AgentCommand): Promise<number> {
  if (kind === 'help') process.stdout.write(usage);
  if (kind === 'version') process.stdout.write(`${version}\n`);
  if (kind === 'doctor') await checkUp(config);
  if (order) {
    const done = await flash(order);
    process.stdout.write(config.json ? `${JSON.stringify({ event: 'flashed', ...done })}\n` : flashedText(done));
  }
  if (kind === 'install-service') await install(config);
  if (kind !== 'serve') return 0;
  const log = pino({ name: 'hilltop-agent', level: config.logLevel }, pino.destination(2));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  // `hilltop up` holds a channel to its programs: when it is gone, however that came, so are they.
  process.once('disconnect', () => stop.abort());
  const report = lineReporter(config.json, (line) => process.stdout.write(line));
  await runAgent(config, { report, log, fetch, version, signal: stop.signal });
  return 0;
}

async function checkUp(config: AgentConfig): Promise<void> {
  const checkup = await examine(config.dataDir, {
    root: '/',
    version,
    signal: new AbortController().signal,
    specs: config.boards,
    ...(config.meters && { meters: config.meters }),
    ...(config.calibration && { calibration: config.calibration }),
    ...(config.prepare && { prepare: config.prepare }),
    ...(config.runtimes && { runtimes: config.runtimes }),
  });
  process.stdout.write(config.json ? `${JSON.stringify(checkup)}\n` : checkupText(checkup));
}

async function install(config: AgentConfig): Promise<void> {
  const ports = {
    root: process.getuid?.() === 0,
    home: homedir(),
    systemDir: '/etc/systemd/system',
    systemctl: runSystemctl,
  };
  // Joins first: the token is spent now and never written into the unit.
  await enrol(config, {
    report: lineReporter(config.json, (line) => process.stdout.write(line)),
    fetch,
    signal: new AbortController().signal,
  });
  const installed = await installService(config, process.execPath, realpathSync(process.argv[1]!), ports);
  if (config.json) process.stdout.write(`${JSON.stringify({ event: 'service', ...installed })}\n`);
  else
    process.stdout.write(
      `Wrote ${installed.path}${installed.enabled ? ' and started it' : ''}.${installed.hint ? ` Note: ${installed.hint}` : ''}\n`,
    );
}

process.on('uncaughtException', (error) => {
  process.stderr.write(`hilltop-agent: ${error.stack ?? error.message}\n`);
  process.exit(3);
});
const status = await main(process.argv.slice(2));
process.exitCode = status;
// Nothing of a finished agent may keep the process; what it printed is flushed first.
process.stdout.write('', () => process.exit(status));
