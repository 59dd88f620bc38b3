import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { groupedCommand } from '../runtimes/caps.js';
import { type GroupFiles, MemoryGroups, parseOwnGroup } from './memory-groups.js';

const error = (code: string): Error => Object.assign(new Error(code), { code });

/** A kernel's cgroup v2 as far as the agent touches it (constructed): controllers go down only where a parent hands them on. */
class Kernel implements GroupFiles {
  readonly groups = new Map<string, { procs: string[]; hands: boolean }>();

  constructor(
    private readonly own: string,
    procs: readonly string[],
    private readonly options: { readonly peak?: boolean; readonly memory?: boolean; readonly readOnly?: boolean } = {},
  ) {
    this.groups.set(this.folderOf(own), { procs: [...procs], hands: false });
  }

  folderOf(group: string): string {
    return `/sys/fs/cgroup${group}`;
  }

  read(path: string): string | undefined {
    if (path === '/proc/self/cgroup') return `0::${this.own}\n`;
    if (path === '/sys/fs/cgroup/cgroup.controllers') return 'cpu memory pids\n';
    const [folder, file] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)];
    const group = this.groups.get(folder);
    if (!group) return undefined;
    const given = this.groups.get(folder.slice(0, folder.lastIndexOf('/')))?.hands ?? this.options.memory ?? true;
    if (file === 'cgroup.controllers') return given ? 'memory\n' : '\n';
    if (file === 'cgroup.procs') return group.procs.map((id) => `${id}\n`).join('');
    if (file === 'cgroup.subtree_control') return group.hands ? 'memory\n' : '\n';
    return file === 'memory.peak' && given && this.options.peak !== false ? '0\n' : undefined;
  }

  write(path: string, text: string): void {
    const group = this.groups.get(path.slice(0, path.lastIndexOf('/')))!;
    if (path.endsWith('cgroup.procs')) {
      for (const other of this.groups.values()) other.procs = other.procs.filter((id) => id !== text);
      group.procs.push(text);
    } else {
      if (group.procs.length > 0) throw error('EBUSY');
      group.hands = text === '+memory';
    }
  }

  makeFolder(path: string): void {
    if (this.options.readOnly) throw error('EROFS');
    if (this.groups.has(path)) throw error('EEXIST');
    this.groups.set(path, { procs: [], hands: false });
  }

  removeFolder(path: string): void {
    if (this.groups.get(path)!.procs.length > 0) throw error('EBUSY');
    this.groups.delete(path);
  }
}

const open = (kernel: Kernel): MemoryGroups | { readonly why: string } =>
  MemoryGroups.open(
    {
      read: (path) => kernel.read(path),
      write: (path, text) => kernel.write(path, text),
      makeFolder: (path) => kernel.makeFolder(path),
      removeFolder: (path) => kernel.removeFolder(path),
    },
    77,
  );

describe('MemoryGroups', () => {
  it('[MEM-1] the agent moves into a group beside those of its children, and removes theirs', () => {
    const kernel = new Kernel('/system.slice/hilltop-agent.service', ['77']);
    const folder = kernel.folderOf('/system.slice/hilltop-agent.service');
    const groups = open(kernel) as MemoryGroups;
    expect(kernel.groups.get(`${folder}/agent`)?.procs).toEqual(['77']);
    expect([...kernel.groups.keys()]).toEqual([folder, `${folder}/agent`]);
    const [first, second] = [groups.create()!, groups.create()!];
    expect(new Set([first, second]).size).toBe(2);
    expect(kernel.read(`${first}/memory.peak`)).toBe('0\n');
    kernel.write(`${second}/cgroup.procs`, '99');
    groups.remove(first);
    groups.remove(second);
    expect(kernel.groups.has(first)).toBe(false);
    expect(kernel.groups.has(second)).toBe(true);
  });

  it('[MEM-1] groups that a predecessor left are stepped over', () => {
    const kernel = new Kernel('/a', ['77']);
    const folder = kernel.folderOf('/a');
    for (const left of ['agent', 'run-0', 'run-1']) kernel.makeFolder(`${folder}/${left}`);
    expect((open(kernel) as MemoryGroups).create()).toBe(`${folder}/run-3`);
  });

  it.each([
    ['other processes in its group', new Kernel('/user.slice', ['1', '77']), /other processes/],
    ['no memory controller', new Kernel('/a', ['77'], { memory: false }), /not the agent's/],
    ['no memory.peak', new Kernel('/a', ['77'], { peak: false }), /5\.19/],
    ['a read-only tree', new Kernel('/a', ['77'], { readOnly: true }), /EROFS/],
  ])('[MEM-1] with %s there are none, and why', (_, kernel, why) => {
    expect(open(kernel)).toEqual({ why: expect.stringMatching(why) });
  });

  it('[MEM-1] cgroup v1 has no group of its own', () => {
    expect(parseOwnGroup('4:memory:/x\n0::/system.slice/a.service\n')).toBe('/system.slice/a.service');
    expect(parseOwnGroup('4:memory:/x\n1:cpu:/\n')).toBeUndefined();
  });

  it('[MEM-1] a child enters its group before it is the measured program, with the same process id', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hilltop-group-'));
    const [program, ...args] = groupedCommand([process.execPath, '-p', 'process.pid + process.argv[1]', 'a b'], folder);
    const { stdout, pid } = spawnSync(program!, args, { encoding: 'utf8' });
    expect(stdout).toBe(`${pid}a b\n`);
    expect(readFileSync(join(folder, 'cgroup.procs'), 'utf8')).toBe(`${pid}\n`);
    rmSync(folder, { recursive: true });
    // Where it may not, it runs all the same and says nothing.
    const { stdout: still, stderr } = spawnSync(program!, args, { encoding: 'utf8' });
    expect([still.endsWith('a b\n'), stderr]).toEqual([true, '']);
  });
});
