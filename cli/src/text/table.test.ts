import { describe, expect, it } from '@jest/globals';
import { pad } from './display-width.js';
import { plain, styleFor } from './style.js';
import { fields, table } from './table.js';

describe('table', () => {
  it('[CLI-10] aligns columns, numbers to the right, and leaves out a column without anything in it', () => {
    const rows = [
      { name: 'fp32', ms: '12.4 ms', note: undefined },
      { name: 'int8-static', ms: '3.1 ms', note: undefined },
    ];
    const text = table(rows, [
      { title: 'Recipe', cell: (row) => row.name },
      { title: 'p50', align: 'right', cell: (row) => row.ms },
      { title: 'Note', cell: (row) => row.note },
    ]);
    expect(text).toBe(['Recipe           p50', 'fp32         12.4 ms', 'int8-static   3.1 ms', ''].join('\n'));
  });

  it('[CLI-10] counts columns as a terminal does: wide letters two, colours and combining marks none', () => {
    expect([pad('東京', 6, 'left'), pad('\u001B[32mok\u001B[39m', 4, 'right'), pad('e\u0301', 2, 'left')]).toEqual([
      '東京  ',
      '  \u001B[32mok\u001B[39m',
      'e\u0301 ',
    ]);
  });

  it('[CLI-10] shows the fields that are there', () => {
    expect(fields({ state: 'available', board: undefined, cpu: 'x' }, plain)).toBe('state  available\ncpu    x\n');
  });

  it('[CLI-10] colours only for a terminal, and never with NO_COLOR', () => {
    const stream = (isTerminal: boolean) => ({ write: () => undefined, isTerminal, columns: 80 });
    expect([
      styleFor({ env: {} }, stream(true)).good('x'),
      styleFor({ env: { NO_COLOR: '1' } }, stream(true)).good('x'),
      styleFor({ env: {} }, stream(false)).good('x'),
    ]).toEqual(['\u001B[32mx\u001B[39m', 'x', 'x']);
  });
});
