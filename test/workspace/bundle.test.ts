import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';

const dist = join(import.meta.dirname, '../../dashboard/dist');

/** What a browser needs before it draws anything: over a slow link a page is as fast as this is small. */
const budgetBytes = 200_000;

describe('the page', () => {
  it('needs at most 200 kB of scripts, compressed, before it draws', () => {
    const page = readFileSync(join(dist, 'index.html'), 'utf8');
    const scripts = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path!);
    // The entry, and what it cannot start without.
    expect(scripts.length).toBeGreaterThan(1);
    const bytes = scripts.map((path) => gzipSync(readFileSync(join(dist, path)), { level: 9 }).length);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(budgetBytes);
  });
});
