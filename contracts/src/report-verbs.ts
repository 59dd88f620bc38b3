import { deviceOption, modelOption, type VerbRow } from './verb-row.js';

const formatOption = { flag: '--format F', description: 'csv, json, or ndjson: a line of JSON each (csv)' };
const outputOption = { flag: '-o, --output FILE', description: 'file to write (standard output)' };
const htmlOption = { flag: '--html FILE', description: 'one page that opens offline, with the charts' };

export const reportVerbs = {
  report: {
    usage: 'report SWEEP',
    summary: 'what a sweep found and what changed since the baseline: here, or as files to hand on',
    example: 'hilltop report nightly --html night.html --junit night.xml',
    rest: 'GET /api/v1/sweeps/:id/report',
    access: 'viewer',
    options: [
      htmlOption,
      { flag: '--markdown FILE', description: 'for a comment on a pull request' },
      { flag: '--junit FILE', description: 'JUnit XML: a case a result of the gate, or a trial' },
      { flag: '--gate GATE', description: 'which gate of the sweep (its newest)' },
    ],
  },
  guide: {
    usage: 'guide',
    summary: "what each technique bought a model on each device, from the lab's own results",
    example: 'hilltop guide -m net --html net.html',
    rest: 'GET /api/v1/guides/:model',
    access: 'viewer',
    options: [
      modelOption,
      { flag: '--protocol P', description: "quick, standard or strict (the newest run's)" },
      htmlOption,
      { flag: '--markdown FILE', description: 'a page for a repository' },
    ],
  },
  'export runs': {
    usage: 'export runs',
    summary: 'ended runs with all their metrics and intervals, for a spreadsheet or a notebook',
    example: 'hilltop export runs -m net --since 2026-11-01 -o runs.csv',
    rest: 'GET /api/v1/exports/runs',
    access: 'viewer',
    options: [
      modelOption,
      deviceOption,
      { flag: '--sweep SWEEP', description: 'id of a sweep: the runs of its trials' },
      { flag: '--since DATE', description: 'ended then or later: 2026-11-01, or with a time 2026-11-01T18:00:00Z' },
      formatOption,
      outputOption,
    ],
  },
  'export observations': {
    usage: 'export observations',
    summary: 'every raw timing, item and reading of a run, or of all runs of a sweep',
    example: 'hilltop export observations --run run_7k2m4q9x -o latencies.csv',
    rest: 'GET /api/v1/exports/observations',
    access: 'viewer',
    options: [
      { flag: '--run RUN', description: 'id of a run' },
      { flag: '--sweep SWEEP', description: 'id of a sweep' },
      { flag: '--kind K', description: 'latency, item, reading, power, memory, ticks ... (latency)' },
      formatOption,
      outputOption,
    ],
  },
} as const satisfies Record<string, VerbRow>;
