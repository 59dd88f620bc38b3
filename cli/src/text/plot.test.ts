import { describe, expect, it } from '@jest/globals';
import { scatterPlot } from './plot.js';

const axis = (title: string, scale: 'log' | 'linear') => ({ title, scale, format: (value: number) => String(value) });

describe('scatterPlot', () => {
  it('[CLI-10] puts points where they belong and a label beside each', () => {
    const text = scatterPlot(
      [
        { x: 1, y: 0.9, mark: '●', label: 'fast' },
        { x: 100, y: 1, mark: '○', label: 'slow' },
        { x: 10, y: 0.95, mark: '◇', label: 'mid' },
      ],
      { x: axis('ms', 'log'), y: axis('accuracy', 'linear'), width: 40, height: 5 },
    );
    expect(text.split('\n')).toEqual([
      '    accuracy',
      '  1 │                            slow ○',
      '    │',
      '    │                 ◇ mid',
      '    │',
      '0.9 │● fast',
      '    └──────────────────────────────────',
      '     1              ms              100',
      '',
    ]);
  });

  it('[CLI-10] draws nothing from nothing, and a lone point in the middle', () => {
    const options = { x: axis('x', 'log'), y: axis('y', 'linear'), width: 40, height: 3 } as const;
    expect(scatterPlot([{ x: 0, y: 1, mark: '●', label: 'log of nothing' }], options)).toBe('');
    expect(scatterPlot([{ x: 5, y: 1, mark: '●', label: 'a' }], options).split('\n')[2]).toContain('● a');
  });
});
