import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { noteChild, openDataDir } from './data-dir.js';
import { processStart } from './runtimes/child-process.js';

let path: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'hilltop-data-'));
});
afterEach(() => rm(path, { recursive: true }));

const sleeper = () => spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });

describe('openDataDir', () => {
  it('[AGENT-3] is held by one at a time, and given up with its holder', async () => {
    const first = await openDataDir(path);
    await expect(openDataDir(path)).rejects.toMatchObject({ code: 'agent.data-locked' });
    await first.release();
    const second = await openDataDir(path);
    await second.release();
  });

  it('[AGENT-6] ends the child that a killed predecessor left, and clears its private directories', async () => {
    const orphan = sleeper();
    noteChild(path, orphan.pid);
    await mkdir(join(path, 'work', 'run-x'), { recursive: true });
    const gone = once(orphan, 'exit');
    const dir = await openDataDir(path);
    expect((await gone)[1]).toBe('SIGKILL');
    expect(await readdir(dir.work)).toEqual([]);
    expect(await readdir(path)).toEqual(['work']);
    await dir.release();
  });

  it('[AGENT-6] leaves a stranger alone that got the same process id, and survives a cut note', async () => {
    const stranger = sleeper();
    const alive = processStart(stranger.pid!);
    for (const note of [
      JSON.stringify({ pid: stranger.pid, start: '1' }),
      JSON.stringify({ pid: 1, start: alive }),
      '',
      '{"pid":',
    ]) {
      await writeFile(join(path, 'child.json'), note);
      await (await openDataDir(path)).release();
    }
    expect(processStart(stranger.pid!)).toBe(alive);
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
  });
});
