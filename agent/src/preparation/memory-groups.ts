import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { errorText } from '@hilltop/contracts';
import { readText } from '../kernel-counters.js';

/** The calls that control groups are made of; the kernel's files but for tests. */
export interface GroupFiles {
  readonly read: (path: string) => string | undefined;
  readonly write: (path: string, text: string) => void;
  readonly makeFolder: (path: string) => void;
  readonly removeFolder: (path: string) => void;
}

const kernelFiles: GroupFiles = {
  read: (path) => readText('/', path.slice(1)),
  write: (path, text) => writeFileSync(path, text, { flag: 'r+' }),
  makeFolder: (path) => mkdirSync(path),
  removeFolder: (path) => rmdirSync(path),
};

const mount = '/sys/fs/cgroup';

/** Path of a process's group in the one hierarchy of cgroup v2 (`0::/system.slice/x.service`); undefined where there is none. */
export function parseOwnGroup(text: string): string | undefined {
  return /^0::(\/.*)$/m.exec(text)?.[1];
}

/**
 * Control groups (cgroup v2) below the agent's own, one for each measured process: the kernel keeps the peak of all memory that is charged to it.
 * Needs a group that was delegated to the agent, as its systemd unit asks for, or root in a group of its own.
 */
export class MemoryGroups {
  private count = 0;

  private constructor(
    private readonly folder: string,
    private readonly files: GroupFiles,
  ) {}

  /** Or why there can be none: older kernels, cgroup v1, a group that is not the agent's alone. Changes nothing outside the agent's own group. */
  static open(files: GroupFiles = kernelFiles, pid = process.pid): MemoryGroups | { readonly why: string } {
    const own = parseOwnGroup(files.read('/proc/self/cgroup') ?? '');
    const has = (path: string, word: string): boolean => (files.read(path) ?? '').trim().split(/\s+/).includes(word);
    if (own === undefined || files.read(`${mount}/cgroup.controllers`) === undefined)
      return { why: 'there is no cgroup v2' };
    const folder = own === '/' ? mount : `${mount}${own}`;
    if (!has(`${folder}/cgroup.controllers`, 'memory'))
      return { why: `the memory of ${own} is not the agent's to divide` };
    try {
      if (!has(`${folder}/cgroup.subtree_control`, 'memory')) {
        // A group that hands its memory on to others may hold no process itself; those of others are not moved.
        const others = (files.read(`${folder}/cgroup.procs`) ?? '')
          .split('\n')
          .filter((id) => id !== '' && id !== String(pid));
        if (others.length > 0) return { why: `other processes are in ${own} too` };
        makeOnce(files, `${folder}/agent`);
        files.write(`${folder}/agent/cgroup.procs`, String(pid));
        files.write(`${folder}/cgroup.subtree_control`, '+memory');
      }
      const groups = new MemoryGroups(folder, files);
      const trial = groups.make();
      const tells = files.read(`${trial}/memory.peak`) !== undefined;
      groups.remove(trial);
      return tells ? groups : { why: 'this kernel keeps no memory.peak (5.19 is the first that does)' };
    } catch (error) {
      return { why: errorText(error) };
    }
  }

  /** Folder of a new, empty group; undefined where the kernel refuses: then there is one measurement less. */
  create(): string | undefined {
    try {
      return this.make();
    } catch {
      return undefined;
    }
  }

  /** Once its processes are gone. One that cannot be removed is empty and harms nobody. */
  remove(folder: string): void {
    try {
      this.files.removeFolder(folder);
    } catch {
      return;
    }
  }

  private make(): string {
    // A killed predecessor may have left some.
    for (;;) {
      const folder = `${this.folder}/run-${this.count++}`;
      if (makeOnce(this.files, folder)) return folder;
    }
  }
}

/** Whether it was not there before. */
function makeOnce(files: GroupFiles, folder: string): boolean {
  try {
    files.makeFolder(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
