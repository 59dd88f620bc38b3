import type { ConsoleLine, ConsoleState, Me } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { blocksOf, keyboardView } from './console-model.js';

const at = '2026-03-01T12:00:00.000Z';
const ana = { owner: 'usr_ana', name: 'Ana' };
const mira = { owner: 'usr_mira', name: 'Mira' };
const me = { user: { id: 'usr_ana', name: 'Ana' } } as Me;
const state = (over: Partial<ConsoleState>): ConsoleState => ({ deviceId: 'dev_1', revision: 1, watchers: 2, ...over });

describe('blocksOf', () => {
  it('[CONS-13] joins output, and puts what was typed between with its author and what became of it', () => {
    const lines: ConsoleLine[] = [
      { order: 1, at, kind: 'out', text: 'boot\nre' },
      { order: 2, at, kind: 'out', text: 'ady\n' },
      { order: 3, at, kind: 'mark', text: 'has the keyboard', author: mira },
      { order: 4, at, kind: 'in', text: 'help\n', author: mira, outcome: 'written' },
      { order: 5, at, kind: 'in', text: '', key: 'interrupt', author: ana, outcome: 'refused', code: 'device.offline' },
      { at, kind: 'out', text: 'lost', dropped: 7 },
    ];
    expect(blocksOf(lines)).toMatchObject([
      { kind: 'out', text: 'boot\nready\n', dropped: 0 },
      { kind: 'mark', text: 'Mira has the keyboard' },
      { kind: 'in', text: 'help', owner: 'usr_mira', name: 'Mira', problem: undefined, isOnItsWay: false },
      { kind: 'in', text: '[Ctrl-C]', name: 'Ana', problem: expect.stringContaining('not typed') },
      { kind: 'out', text: 'lost', dropped: 7 },
    ]);
  });
});

describe('keyboardView', () => {
  const ways: Array<[string, Partial<ConsoleState>, Partial<ReturnType<typeof keyboardView>>]> = [
    ['nobody holds the device', {}, { way: 'reserve', canType: false }],
    ['it is mine and nobody types', { holder: ana }, { way: 'take', canType: false }],
    ['I type', { holder: ana, writer: ana }, { way: undefined, canType: true, locked: undefined }],
    ['a run is measured', { holder: ana, writer: ana, measuring: 'run_1' }, { canType: false }],
    ['another holds it', { holder: mira, writer: mira }, { way: 'ask', canType: false }],
    ['I was given it', { holder: mira, writer: ana }, { way: undefined, canType: true }],
    [
      'I asked',
      { holder: mira, ask: { by: ana, at, grantedAt: '2026-03-01T12:01:00.000Z' } },
      { way: undefined, askedUntil: '2026-03-01T12:01:00.000Z', asker: undefined },
    ],
    ['somebody asks me', { holder: ana, writer: ana, ask: { by: mira, at, grantedAt: at } }, { asker: 'Mira' }],
  ];
  it.each(ways)('[CONS-14] what can be done when %s', (_when, over, expected) => {
    expect(keyboardView(state(over), me)).toMatchObject(expected);
  });
});
