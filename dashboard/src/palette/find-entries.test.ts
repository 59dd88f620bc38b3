import { verbs } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { allEntries } from './entries.js';
import { blockedReason, findEntries } from './find-entries.js';
import { readRecent, rememberChoice } from './recent.js';
import { knownLab } from './testing/known-lab.js';

const known = knownLab();
const entries = allEntries(known, () => true);
const find = (query: string, recent: readonly string[] = []) => findEntries(query, entries, recent, known);

describe('palette', () => {
  it('[PAL-1] screens, actions, things and verbs are found by name', () => {
    expect(find('sched')[0]).toMatchObject({ group: 'Go to', title: 'Schedules', keys: 'g n' });
    expect(find('bench').some(({ act }) => act.kind === 'go' && act.href === '/devices/bench-pi')).toBe(true);
    expect(find('night job')[0]).toMatchObject({ group: 'Jobs', act: { kind: 'go', href: '/jobs/job_1' } });
    expect(find('job cancel')[0]).toMatchObject({ title: 'job cancel', act: { kind: 'fill', text: '>job cancel ' } });
    expect(find('zzzz')).toEqual([]);
  });

  it('[PAL-1] every verb is among the rows', () => {
    const there = new Set(entries.map(({ id }) => id));
    expect(Object.keys(verbs).filter((verb) => !there.has(`verb:${verb}`))).toEqual([]);
  });

  it('[PAL-1] what was chosen lately stands first', () => {
    expect(find('', ['model:mod_1'])[0]).toMatchObject({ group: 'Lately', title: 'net' });
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    for (const id of ['a', 'b', 'a', 'line:job cancel:job_1']) rememberChoice(storage, id);
    expect(readRecent(storage)).toEqual(['a', 'b']);
  });

  it('[PAL-2] a line is completed by what its verb can act on', () => {
    expect(find('>job cancel ').map(({ title }) => title)).toEqual(['night job', 'hilltop job cancel']);
    expect(find('>device return ').map(({ title }) => title)[0]).toBe('jetson-1');
    expect(find('>frontier -m ')[0]).toMatchObject({ title: 'net', act: { kind: 'go', href: '/models/net' } });
    expect(find('>job cancel job_1')).toMatchObject([{ act: { kind: 'call', path: 'jobs/job_1/cancel' } }]);
    expect(find('>doctor ')).toMatchObject([{ group: 'In a terminal', act: { kind: 'copy', line: 'hilltop doctor' } }]);
    expect(find('>sch').map(({ title }) => title)).toContain('schedule trigger');
  });

  it('[PAL-5] a row that cannot be chosen says why: the role, the connection, or what is missing', () => {
    const viewer = knownLab('viewer');
    const cancel = find('>job cancel job_1')[0]!;
    expect(blockedReason(cancel, known, undefined)).toBeUndefined();
    expect(blockedReason(cancel, viewer, undefined)).toContain('operator');
    expect(blockedReason(cancel, known, 'offline')).toBe('offline');
    // Looking is never refused.
    expect(blockedReason(find('bench')[0]!, viewer, 'offline')).toBeUndefined();
    expect(blockedReason(find('>job cancel ').at(-1)!, known, undefined)).toContain('JOB');
  });
});
