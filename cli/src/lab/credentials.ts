import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LabError } from '@hilltop/contracts';
import { systemCode } from '../shell/system-code.js';
import type { Terminal } from '../shell/terminal.js';

/** Labs this person has signed in to, and the one verbs talk to. */
export interface Credentials {
  readonly current?: string;
  readonly labs: Readonly<Record<string, { readonly token: string }>>;
}

type Place = Pick<Terminal, 'env' | 'home'>;

/** `$XDG_CONFIG_HOME/hilltop/credentials.json` (`~/.config` by default). */
export function credentialsFile({ env, home }: Place): string {
  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'hilltop', 'credentials.json');
}

/** HILLTOP_DATA, else `$XDG_DATA_HOME/hilltop` (`~/.local/share` by default). */
export function defaultDataDir({ env, home }: Place): string {
  return env.HILLTOP_DATA || join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'hilltop');
}

/** What is remembered; nothing when there is no file. A file that cannot be understood is named, not overwritten. */
export function readCredentials(place: Place): Credentials {
  const file = credentialsFile(place);
  const text = readIfThere(file);
  if (text === undefined) return { labs: {} };
  try {
    const value = JSON.parse(text) as { current?: unknown; labs?: Record<string, { token?: unknown }> };
    const labs = Object.entries(value.labs ?? {}).flatMap(([url, lab]) =>
      typeof lab?.token === 'string' ? [[url, { token: lab.token }] as const] : [],
    );
    return { ...(typeof value.current === 'string' && { current: value.current }), labs: Object.fromEntries(labs) };
  } catch (error) {
    throw new LabError(
      'usage.invalid',
      `${file} is damaged: remove it and run \`hilltop login\` again`,
      { file },
      { cause: error },
    );
  }
}

/** Remembers a lab and makes it the current one. The file is readable by its owner only (0600), the folder too (0700). */
export function rememberLab(place: Place, url: string, token: string): void {
  const file = credentialsFile(place);
  const before = readCredentials(place);
  const credentials: Credentials = { current: url, labs: { ...before.labs, [url]: { token } } };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Written beside and renamed, so that two commands at once never leave half a file.
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify(credentials, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(beside, file);
}

/** The token that the lab wrote for whoever may read its data directory; undefined when there is none. */
export function adminToken(dataDir: string): string | undefined {
  return readIfThere(join(dataDir, 'admin-token'))?.trim() || undefined;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

export interface LabAddress {
  readonly url: string;
  readonly token?: string;
}

export const defaultUrl = 'http://127.0.0.1:7070';

/**
 * Which lab and as whom: HILLTOP_URL and HILLTOP_TOKEN win; then what `login` or `up` remembered;
 * then the lab of this machine, if its data directory is readable.
 */
export function labAddress(place: Place): LabAddress {
  const { HILLTOP_URL, HILLTOP_TOKEN } = place.env;
  const credentials = readCredentials(place);
  const url = (HILLTOP_URL || credentials.current || defaultUrl).replace(/\/+$/, '');
  // Only the lab of this machine may see its own data directory's token.
  const token =
    HILLTOP_TOKEN || credentials.labs[url]?.token || (isLoopback(url) ? adminToken(defaultDataDir(place)) : undefined);
  return { url, ...(token && { token }) };
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}
