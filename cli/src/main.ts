import { runCli } from './run-cli.js';
import { processTerminal } from './shell/terminal.js';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // The second Ctrl-C ends hilltop at once; its children see the closed channel and end too.
  process.once(signal, () => stop.abort(signal));
}
// `hilltop frontier | head`: the reader had enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const status = await runCli(process.argv.slice(2), processTerminal(stop.signal));
process.exitCode = status;
// Nothing that is left, such as a connection that wants to come back, may keep the process; what was printed is flushed.
process.stdout.write('', () => process.exit(status));
