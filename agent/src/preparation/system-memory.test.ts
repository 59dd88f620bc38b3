import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { buildBoard, constructed } from '../sensors/testing/tree.js';
import { availableBytes, systemDelta, watchSystemMemory } from './system-memory.js';

const meminfo = (kilobytes: number): string => `MemTotal: 8000000 kB\nMemFree: 1 kB\nMemAvailable:   ${kilobytes} kB`;

describe('system memory', () => {
  it('[MEM-4] is what was available before less the least that was', () => {
    expect(availableBytes(meminfo(4000))).toBe(4_096_000);
    expect(availableBytes('MemFree: 1 kB')).toBeUndefined();
    expect(systemDelta(10, [9, 4, 8])).toBe(6);
    expect(systemDelta(10, [12])).toBe(0);
    expect(systemDelta(undefined, [1])).toBeUndefined();
    expect(systemDelta(1, [])).toBeUndefined();
  });

  it('[MEM-4] is watched from before the model to its end; absent where nobody says', async () => {
    const board = await buildBoard({ files: { 'proc/meminfo': constructed(meminfo(5000)) } });
    const end = watchSystemMemory(board.root);
    await writeFile(join(board.root, 'proc/meminfo'), meminfo(3000));
    expect(end()).toBe(2000 * 1024);
    await board.remove();
    expect(watchSystemMemory(board.root)()).toBeUndefined();
  });
});
