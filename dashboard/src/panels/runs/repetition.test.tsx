import type { Run } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { renderToStaticMarkup } from 'react-dom/server';
import { Router } from 'wouter';
import { Repetition } from './repetition.js';

const shown = (run: Partial<Run>): string =>
  renderToStaticMarkup(
    <Router ssrPath="/">
      <Repetition run={run as Run} />
    </Router>,
  );

describe('repetition', () => {
  it('[VERD-1] links the run before and the run after', () => {
    expect(shown({ repeatOf: 'run_00000001', repeatedAs: 'run_00000003' })).toBe(
      '<p class="caption">repeats run <a href="/runs/run_00000001">run_00000001</a> done again as <a href="/runs/run_00000003">run_00000003</a> </p>',
    );
    expect(shown({})).toBe('');
  });

  it('[VERD-2] says that repeating did not help', () => {
    expect(shown({ repeatOf: 'run_00000001', unstable: 3 })).toContain('<strong>unstable: disturbed 3 times</strong>');
  });
});
