import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Sensor } from '@hilltop/contracts';
import type { Found, Surroundings } from '../sensor-source.js';

/** `captured`: quoted from hardware or its documentation, value for value; `constructed`: written in its format. */
export type Origin = 'captured' | 'constructed';

/** What a file of the fixture is; `directory`: one that cannot be read as a file, as an offline zone cannot; `forbidden`: not for this user. */
export type Entry =
  | { readonly origin: Origin; readonly text: string }
  | { readonly origin: Origin; readonly link: string }
  | { readonly origin: Origin; readonly broken: 'directory' | 'forbidden' };

export type Tree = Readonly<Record<string, Entry>>;

export const captured = (text: string | number): Entry => ({ origin: 'captured', text: `${text}\n` });
export const constructed = (text: string | number): Entry => ({ origin: 'constructed', text: `${text}\n` });
export const linkTo = (link: string): Entry => ({ origin: 'constructed', link });
export const broken = (how: 'directory' | 'forbidden'): Entry => ({ origin: 'constructed', broken: how });

/** Entries below a folder. */
export function under(folder: string, tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([name, entry]) => [`${folder}/${name}`, entry]));
}

/** Files of one kind, each text under its name. */
export function all(make: (text: string | number) => Entry, texts: Readonly<Record<string, string | number>>): Tree {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, make(text)]));
}

/** A board as files and as answers of tools (`vcgencmd get_throttled` -> output), with what must be found on it. */
export interface BoardFixture {
  readonly files: Tree;
  readonly tools: Readonly<Record<string, { readonly origin: Origin; readonly text: string }>>;
  readonly calibration?: NonNullable<Surroundings['calibration']>;
  readonly expected: ReadonlyArray<Sensor & { readonly value: number }>;
  readonly lacks: Found['lacks'];
}

export interface BuiltBoard extends Surroundings {
  /** Commands that were run, in order. */
  readonly commands: string[];
  readonly remove: () => Promise<void>;
}

/** Writes the files into a new folder, which becomes the root. Files are readable to all, so that a test may give up root. */
export async function buildBoard(
  fixture: Partial<Pick<BoardFixture, 'files' | 'tools' | 'calibration'>>,
): Promise<BuiltBoard> {
  const root = await mkdtemp(join(tmpdir(), 'hilltop-board-'));
  await chmod(root, 0o755);
  for (const [path, entry] of Object.entries(fixture.files ?? {})) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    if ('text' in entry) await writeFile(file, entry.text);
    else if ('link' in entry) await symlink(entry.link, file);
    else if (entry.broken === 'directory') await mkdir(file);
    else await writeFile(file, '1\n', { mode: 0 });
  }
  const commands: string[] = [];
  return {
    root,
    commands,
    ...(fixture.calibration && { calibration: fixture.calibration }),
    run: async (command, args) => {
      const line = [command, ...args].join(' ');
      commands.push(line);
      return fixture.tools?.[line]?.text;
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** Each sensor with what it says now. */
export async function readings({ sources }: Found): Promise<Array<Sensor & { value?: number }>> {
  const values = await Promise.all(sources.map((source) => source.read()));
  return sources.map(({ sensor }, i) => ({ ...sensor, ...(values[i] !== undefined && { value: values[i] }) }));
}

/** Runs without the rights of root, where the test has them: `forbidden` files are then what they say. */
export async function unprivileged<T>(what: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid!(65_534);
  try {
    return await what();
  } finally {
    if (isRoot) process.seteuid!(0);
  }
}
