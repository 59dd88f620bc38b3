import { describe, expect, it } from '@jest/globals';
import { csvCell } from './frontier-csv.js';
import { mulberry32 } from './random.js';

/** Reads RFC 4180 back, by the letter. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      for (at++; !(text[at] === '"' && text[at + 1] !== '"'); at++) {
        if (text[at] === '"') at++;
        cell += text[at];
      }
      at++;
    } else while (at < text.length && text[at] !== ',' && !text.startsWith('\r\n', at)) cell += text[at++];
    row.push(cell);
    if (text[at] === ',') at++;
    else {
      at += 2;
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

describe('CSV', () => {
  it('[EXP-1] every cell is read back as it was, whatever is in it (seeded)', () => {
    const pool = ['"', ',', '\r', '\n', '\r\n', ' ', '=', '+', '-', '@', '\t', 'a', '7', '😀', "'", ';', '\uff1d'];
    for (let seed = 1; seed <= 300; seed++) {
      const random = mulberry32(seed);
      const cells = Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
        Array.from({ length: Math.floor(random() * 8) }, () => pool[Math.floor(random() * pool.length)]!).join(''),
      );
      const [read] = parseCsv(`${cells.map(csvCell).join(',')}\r\n`);
      expect([seed, read!.map((cell, i) => (cell === `'${cells[i]}` ? cells[i] : cell))]).toEqual([seed, cells]);
    }
  });

  it('[EXP-2] what a spreadsheet would take for a formula is text; numbers stay numbers', () => {
    const formulas = [
      '=1+1',
      '+1',
      '@SUM(A1)',
      '-1+2',
      '-cmd',
      ' =1',
      '\t=1',
      '\r=1',
      '\n1',
      '\uff1d1',
      '\uff0d1',
      "-2+3+cmd|' /C calc'!A0",
    ];
    for (const text of formulas) expect([text, csvCell(text).replace(/^"/, '')[0]]).toEqual([text, "'"]);
    const plain = ['-1', '-1.5', '-2.5e-7', 'int8-static', '2026-11-24T02:00:00.000Z', 'a=b', '1-2', ''];
    for (const text of plain) expect(csvCell(text)).toBe(text);
    expect([csvCell(-0.5), csvCell(undefined)]).toEqual(['-0.5', '']);
  });
});
