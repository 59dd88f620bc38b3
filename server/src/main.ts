import { errorText, isLabError } from '@hilltop/contracts';
import { type Config, readConfig } from './config.js';
import { type Coordinator, startCoordinator } from './coordinator.js';
import { createLog, type Log } from './log.js';

/** Longest clean stop; what hangs then is left to the next start. */
const stopWithinMs = 5000;

function configure(): Config {
  try {
    return readConfig(process.argv.slice(2), process.env);
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n`);
    process.exit(2);
  }
}

function fail(log: Log, error: unknown): never {
  log.fatal({ err: error, ...(isLabError(error) && { code: error.code }) }, errorText(error));
  process.exit(isLabError(error) && error.code !== 'lab.internal' ? 3 : 1);
}

async function main(): Promise<void> {
  process.umask(0o077); // models and results are nobody else's
  const config = configure();
  const log = createLog(config.logLevel);
  // A bug in one request or message must not take the lab with it, but it must be seen.
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));
  let coordinator: Coordinator | undefined;
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), stopWithinMs).unref();
    void (coordinator?.close() ?? Promise.resolve()).then(
      () => process.exit(0),
      (error: unknown) => fail(log, error),
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // `hilltop up` holds a channel to its programs: when it is gone, however that came, so are they.
  process.once('disconnect', stop);
  try {
    coordinator = await startCoordinator(config, log);
  } catch (error) {
    fail(log, error);
  }
  process.stdout.write(`${JSON.stringify({ event: 'listening', ...coordinator.listening })}\n`);
  log.info(
    { url: coordinator.listening.url, mqttPort: coordinator.listening.mqttPort, dataDir: config.dataDir },
    'the lab is up',
  );
}

await main();
