import { spawn } from 'node:child_process';
import type { Context } from '../context.js';
import { builtEntry } from '../local/entry-points.js';
import type { ExitStatus } from '../shell/exit-status.js';

/** Becomes the agent of this machine: same arguments, same terminal, its exit status. */
export async function agent(context: Context): Promise<ExitStatus> {
  const { signal } = context.terminal;
  const child = spawn(process.execPath, [builtEntry('agent'), ...context.command.rest], { stdio: 'inherit' });
  // Ctrl-C in a terminal reaches the agent by itself; what was sent to hilltop alone is passed on.
  const passOn = (): void => {
    if (signal.reason !== 'SIGINT' || !process.stdin.isTTY) child.kill('SIGTERM');
  };
  signal.addEventListener('abort', passOn, { once: true });
  return new Promise<ExitStatus>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => {
      signal.removeEventListener('abort', passOn);
      resolve(status === 0 || status === 1 || status === 2 ? status : 3);
    });
  });
}
