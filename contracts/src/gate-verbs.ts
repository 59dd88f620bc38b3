import type { VerbRow } from './verb-row.js';

const fileOptions = [
  { flag: '--junit FILE', description: 'also write it as JUnit XML, for the CI' },
  { flag: '--markdown FILE', description: 'also write it as Markdown, for the pull request' },
];

export const gateVerbs = {
  'baseline pin': {
    usage: 'baseline pin NAME SWEEP',
    summary: 'pin a sweep by name: a release, or the last good night',
    example: 'hilltop baseline pin v1.2 nightly',
    rest: 'POST /api/v1/baselines',
    access: 'operator',
    options: [{ flag: '--replace', description: 'move a name that is taken' }],
  },
  'baseline ls': {
    usage: 'baseline ls',
    summary: 'list the baselines',
    example: 'hilltop baseline ls',
    rest: 'GET /api/v1/baselines',
    access: 'viewer',
    options: [],
  },
  'baseline show': {
    usage: 'baseline show BASELINE',
    summary: 'look at a baseline',
    example: 'hilltop baseline show v1.2',
    rest: 'GET /api/v1/baselines/:id',
    access: 'viewer',
    options: [],
  },
  'baseline rm': {
    usage: 'baseline rm BASELINE',
    summary: 'forget a baseline; its sweep and what was judged by it stay',
    example: 'hilltop baseline rm v1.2',
    rest: 'DELETE /api/v1/baselines/:id',
    access: 'operator',
    options: [],
  },
  gate: {
    usage: 'gate SWEEP',
    summary: 'hold a sweep against a baseline: exit 0 no regression, 1 worse, 3 inconclusive',
    example: 'hilltop gate nightly --baseline v1.2 --max-regression 1%',
    rest: 'POST /api/v1/gates',
    access: 'operator',
    options: [
      { flag: '--baseline B', description: 'id or name of a baseline' },
      {
        flag: '--max-regression P',
        description: 'what still counts as the same, in per cent (1%); of qualities: points',
      },
      { flag: '--metric M', description: "only this metric (the sweep's objectives)", repeatable: true },
      ...fileOptions,
    ],
  },
  'gate show': {
    usage: 'gate show GATE',
    summary: 'look at a gate again, with what people said of its rows; exits as `gate`',
    example: 'hilltop gate show gate_4k2… --markdown report.md',
    rest: 'GET /api/v1/gates/:id',
    access: 'viewer',
    options: fileOptions,
  },
  'gate accept': {
    usage: 'gate accept GATE ROW',
    summary: 'accept a row of a gate as it is; the first to decide wins',
    example: "hilltop gate accept gate_4k2… 3 --comment 'the new kernel is slower, and right'",
    rest: 'POST /api/v1/gates/:id/rows/:row/decision',
    access: 'operator',
    options: [{ flag: '--comment TEXT', description: 'why, for those who look later' }],
  },
  'gate reopen': {
    usage: 'gate reopen GATE ROW',
    summary: 'open an accepted row again, with a reason',
    example: "hilltop gate reopen gate_4k2… 3 --comment 'it was the wrong kernel'",
    rest: 'POST /api/v1/gates/:id/rows/:row/decision',
    access: 'operator',
    options: [{ flag: '--comment TEXT', description: 'the reason' }],
  },
  gates: {
    usage: 'gates',
    summary: 'list the gates, newest first',
    example: 'hilltop gates --sweep swp_31a…',
    rest: 'GET /api/v1/gates',
    access: 'viewer',
    options: [{ flag: '--sweep S', description: 'of this sweep (its id)' }],
  },
} as const satisfies Record<string, VerbRow>;
