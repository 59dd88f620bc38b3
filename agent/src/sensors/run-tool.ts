import { execFile } from 'node:child_process';

/** A firmware that hangs must not hold up the agent. */
const timeoutMs = 5000;

/** Standard output of a vendor's tool; undefined: it is not there, failed, or took too long. English, whatever the user speaks. */
export function runTool(command: string, args: readonly string[]): Promise<string | undefined> {
  const env = { ...process.env, LC_ALL: 'C', PATH: `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin` };
  return new Promise((resolve) => {
    try {
      execFile(
        command,
        [...args],
        { timeout: timeoutMs, killSignal: 'SIGKILL', env, maxBuffer: 1_000_000 },
        (error, out) => resolve(error ? undefined : out),
      );
    } catch {
      resolve(undefined);
    }
  });
}
