import type { VerbRow } from './verb-row.js';

export const sweepVerbs = {
  'sweep run': {
    usage: 'sweep run FILE',
    summary: 'search: try the points of a sweep file (YAML or JSON) on the devices, within its budget',
    example: 'hilltop sweep run examples/sweeps/search.yaml --wait',
    rest: 'POST /api/v1/sweeps',
    access: 'operator',
    options: [
      { flag: '--name N', description: "name (the file's)" },
      { flag: '--dry-run', description: 'say what would be tried and for how long, and start nothing' },
      { flag: '--wait', description: 'wait for the end, then print the frontiers; exit 1 if it failed' },
    ],
  },
  'sweep show': {
    usage: 'sweep show SWEEP',
    summary: 'look at a sweep: what is spent, device by device, and the newest trials with their reasons',
    example: 'hilltop sweep show nightly --wait',
    rest: 'GET /api/v1/sweeps/:id',
    access: 'viewer',
    options: [{ flag: '--wait', description: 'follow until it ends, then print the frontiers' }],
  },
  'sweep pause': {
    usage: 'sweep pause SWEEP',
    summary: 'start no more trials; what runs ends',
    example: 'hilltop sweep pause nightly',
    rest: 'POST /api/v1/sweeps/:id/pause',
    access: 'operator',
    options: [],
  },
  'sweep resume': {
    usage: 'sweep resume SWEEP [FILE]',
    summary: 'go on with a paused sweep; with a file: by the changed file, keeping what was measured',
    example: 'hilltop sweep resume nightly nightly.yaml',
    access: 'operator',
    options: [],
  },
  'sweep cancel': {
    usage: 'sweep cancel SWEEP',
    summary: 'end a sweep now, with its runs; what was measured stays',
    example: "hilltop sweep cancel nightly --reason 'wrong model'",
    rest: 'POST /api/v1/sweeps/:id/cancel',
    access: 'operator',
    options: [{ flag: '--reason TEXT', description: 'why, for those who look later' }],
  },
  sweeps: {
    usage: 'sweeps',
    summary: 'list the sweeps',
    example: 'hilltop sweeps',
    rest: 'GET /api/v1/sweeps',
    access: 'viewer',
    options: [],
  },
  'sweep schema': {
    usage: 'sweep schema',
    summary: 'print the JSON schema of sweep files, for editors and checks',
    example: 'hilltop sweep schema',
    options: [],
  },
} as const satisfies Record<string, VerbRow>;
