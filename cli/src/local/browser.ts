import { spawn } from 'node:child_process';
import type { Terminal } from '../shell/terminal.js';

/** Opens an address where a person can see it; false when this session has no display. */
export function openBrowser(
  url: string,
  { env }: Pick<Terminal, 'env'>,
  platform: NodeJS.Platform = process.platform,
): boolean {
  const command = platform === 'darwin' ? 'open' : env.DISPLAY || env.WAYLAND_DISPLAY ? 'xdg-open' : undefined;
  if (!command) return false;
  const child = spawn(command, [url], { stdio: 'ignore', detached: true });
  // No browser is no failure: the address was printed as well.
  child.once('error', () => undefined);
  child.unref();
  return true;
}
