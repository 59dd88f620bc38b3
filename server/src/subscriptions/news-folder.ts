import { mkdir, open, realpath, rename } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { LabError } from '@hilltop/contracts';

/**
 * The folder that news may be written to, as an absolute path; made when it is not there. `wish` is below `root`, also after links are
 * followed. Throws `subscription.folder-refused`.
 */
export async function newsFolder(root: string, wish: string): Promise<string> {
  const folder = resolve(root, wish);
  requireWithin(root, folder, wish);
  await mkdir(root, { recursive: true, mode: 0o700 });
  const real = await realpath(root);
  // Link by link: making a folder through a link would make it elsewhere.
  let at = real;
  for (const part of relative(resolve(root), folder)
    .split(sep)
    .filter((name) => name !== '')) {
    at = join(at, part);
    await mkdir(at, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    at = await realpath(at);
    requireWithin(real, at, wish);
  }
  return at;
}

/** A file of this name, whole or not at all, on disk when this returns; the same name again is the same news again. */
export async function writeNews(folder: string, name: string, content: string): Promise<void> {
  // A reader that takes `*.json` never sees it half written.
  const temporary = join(folder, `.${name}.new`);
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(folder, name));
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** `20260301T020000Z-regression-msg_….json`: in order of time, and safe everywhere. */
export function newsFileName(at: string, kind: string, id: string): string {
  return `${at.replace(/[-:]|\.\d+/g, '')}-${kind}-${id}.json`;
}

function requireWithin(root: string, folder: string, wish: string): void {
  const way = relative(root, folder);
  if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return;
  throw new LabError(
    'subscription.folder-refused',
    `"${wish}" is not below the lab's news folder; name one that is, such as nightly`,
    {
      folder: wish,
    },
  );
}
