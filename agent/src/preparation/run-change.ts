import { spawn } from 'node:child_process';

/** Changing a power mode takes seconds: cores go and come. */
const timeoutMs = 30_000;

/**
 * Runs a tool that changes the machine; its standard output, or undefined when it failed or took too long. Some modes of nvpmodel ask whether to
 * restart the machine now: the answer is no.
 */
export function runChange(command: string, args: readonly string[]): Promise<string | undefined> {
  const env = { ...process.env, LC_ALL: 'C', PATH: `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin` };
  return new Promise((resolve) => {
    const child = spawn(command, [...args], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let out = '';
    child.stdout.on('data', (bytes: Buffer) => {
      out = (out + bytes.toString('utf8')).slice(-65_536);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end('no\n');
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => resolve(code === 0 ? out : undefined));
  });
}
