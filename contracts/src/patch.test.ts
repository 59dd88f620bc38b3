import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chunkBytes } from './agent-channels.js';
import { patchDictionaryBytes, patchSegmentBytes, patchSegments } from './patch.js';

const length = fc.integer({ min: 1, max: 64 * 1024 * 1024 });
/** Of zstd at every level from 16 on: beyond it the dictionary would be forgotten. */
const window = 8 * 1024 * 1024;

describe('patchSegments', () => {
  it('[FETCH-8] covers an artifact once, in whole chunks, each segment with a part of the base inside the window', () => {
    fc.assert(
      fc.property(length, length, (bytes, baseBytes) => {
        let at = 0;
        for (const { start, end, dictionary } of patchSegments(bytes, baseBytes)) {
          expect([start, start % chunkBytes]).toEqual([at, 0]);
          expect(end - start).toBeLessThanOrEqual(patchSegmentBytes);
          expect(dictionary!.start).toBeGreaterThanOrEqual(0);
          expect(dictionary!.end).toBeLessThanOrEqual(baseBytes);
          expect(dictionary!.end - dictionary!.start).toBe(Math.min(baseBytes, patchDictionaryBytes));
          expect(end - start + dictionary!.end - dictionary!.start).toBeLessThanOrEqual(window);
          at = end;
        }
        expect(at).toBe(bytes);
      }),
    );
  });

  it('[FETCH-8] a segment of a sibling of the same length lies inside its dictionary', () => {
    for (const { start, end, dictionary } of patchSegments(50_000_000, 50_000_000)) {
      expect(dictionary!.start).toBeLessThanOrEqual(start);
      expect(dictionary!.end).toBeGreaterThanOrEqual(end);
    }
  });

  it('[FETCH-8] without a base there are no dictionaries', () => {
    expect(patchSegments(patchSegmentBytes + 1)).toEqual([
      { start: 0, end: patchSegmentBytes },
      { start: patchSegmentBytes, end: patchSegmentBytes + 1 },
    ]);
  });
});
