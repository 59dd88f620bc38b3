import { describe, expect, it } from '@jest/globals';
import { parseLabels } from './device.js';

describe('parseLabels', () => {
  it('[JOB-22] a label that would be dropped on the way is refused: a selector without it means every device', () => {
    expect(parseLabels(['site=berlin', 'constructor=x'])).toEqual({ site: 'berlin', constructor: 'x' });
    expect(() => parseLabels(['__proto__=x'])).toThrow('no label');
  });
});
