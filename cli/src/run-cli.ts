import { errorText } from '@hilltop/contracts';
import { Context } from './context.js';
import { type ExitStatus, exitStatus, problemOfAny } from './shell/exit-status.js';
import { overview, verbHelp } from './shell/help.js';
import { parseCommand } from './shell/parse-command.js';
import type { Terminal } from './shell/terminal.js';
import { version } from './shell/version.js';
import { styleFor } from './text/style.js';
import { handlers } from './verbs/index.js';

/** Runs one command line; never throws. */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  try {
    const parsed = parseCommand(argv);
    switch (parsed.kind) {
      case 'overview':
        terminal.out.write(overview());
        return argv.length > 0 ? 0 : 2;
      case 'version':
        terminal.out.write(`${version()}\n`);
        return 0;
      case 'help':
        terminal.out.write(verbHelp(parsed.spec));
        return 0;
      case 'command':
        return (await handlers[parsed.command.spec.verb](new Context(parsed.command, terminal))) ?? 0;
    }
  } catch (error) {
    report(error, argv.includes('--json'), terminal);
    return exitStatus(error);
  }
}

function report(error: unknown, asJson: boolean, terminal: Terminal): void {
  const problem = problemOfAny(error);
  const style = styleFor(terminal, terminal.err);
  if (asJson) terminal.out.write(`${JSON.stringify(problem)}\n`);
  const code = problem.code === 'usage.invalid' ? '' : style.dim(` [${problem.code}]`);
  terminal.err.write(`${style.bad('hilltop:')} ${problem.detail}${code}\n`);
  // A stack is for whoever mends hilltop: only for what is not a LabError, and only when asked for.
  if (terminal.env.HILLTOP_LOG === 'debug' && error instanceof Error)
    terminal.err.write(`${error.stack ?? errorText(error)}\n`);
}
