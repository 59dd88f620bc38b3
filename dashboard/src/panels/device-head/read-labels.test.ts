import { describe, expect, it } from '@jest/globals';
import { readLabels } from './read-labels.js';

describe('labels of a device', () => {
  it('[LABP-6] stand one a line; what is none is named', () => {
    expect(readLabels('site=berlin\n\n  rack=2 ')).toEqual({ labels: { site: 'berlin', rack: '2' } });
    expect(readLabels('')).toEqual({ labels: {} });
    expect(readLabels('site=berlin\nrack')).toMatchObject({ error: expect.stringContaining('rack') });
  });
});
