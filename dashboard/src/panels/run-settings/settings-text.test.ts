import { protocolOf, type Run } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { settingsText } from './settings-text.js';

describe('settings of a run as text', () => {
  it('[RUNP-7] has protocol, settings, environment and artifact whole; what is not known is left out', () => {
    const run = {
      id: 'run_1',
      recipe: 'int8',
      deviceName: 'bench',
      protocol: protocolOf('quick'),
      settings: { threads: 2, graphLevel: 'all' },
      artifact: { sha256: 'a'.repeat(64), bytes: 10 },
    } as Run;
    const { run: id, device, ...rest } = JSON.parse(settingsText(run)) as Record<string, unknown>;
    expect([id, device]).toEqual(['run_1', 'bench']);
    expect(rest).toEqual({
      recipe: 'int8',
      protocol: run.protocol,
      settings: run.settings,
      artifact: run.artifact,
    });
  });
});
