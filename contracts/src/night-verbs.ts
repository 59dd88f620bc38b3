import type { VerbRow } from './verb-row.js';

const ruleOptions = [
  {
    flag: '--cron RULE',
    description: "five fields: minute, hour, day of month, month, weekday; '0 2 * * *' is 2:00 each night",
  },
  { flag: '--tz ZONE', description: "time zone of the rule, such as Europe/Berlin (this machine's)" },
  { flag: '--sweep FILE', description: 'sweep file, YAML or JSON' },
  { flag: '--missed P', description: 'skip or once: what becomes of starts while the lab was away (skip)' },
  { flag: '--baseline B', description: 'hold each sweep against this baseline' },
  { flag: '--max-regression P', description: 'with --baseline: how much worse is still the same (1%)' },
] as const;

/** Schedules, and who is told of what they find. */
export const nightVerbs = {
  'schedule add': {
    usage: 'schedule add NAME',
    summary: 'start a sweep by the clock',
    example:
      "hilltop schedule add nightly --cron '0 2 * * *' --tz Europe/Berlin --sweep nightly.yaml --baseline release",
    rest: 'POST /api/v1/schedules',
    access: 'operator',
    options: ruleOptions,
  },
  'schedule edit': {
    usage: 'schedule edit SCHEDULE',
    summary: 'change a schedule; what is not named stays',
    example: "hilltop schedule edit nightly --cron '30 1 * * 1-5'",
    rest: 'PATCH /api/v1/schedules/:id',
    access: 'operator',
    options: [...ruleOptions, { flag: '--no-baseline', description: 'no gate any more' }],
  },
  'schedule ls': {
    usage: 'schedule ls',
    summary: 'list the schedules: when next, how the last start went',
    example: 'hilltop schedule ls',
    rest: 'GET /api/v1/schedules',
    access: 'viewer',
    options: [],
  },
  'schedule show': {
    usage: 'schedule show SCHEDULE',
    summary: 'look at a schedule and its starts',
    example: 'hilltop schedule show nightly',
    rest: 'GET /api/v1/schedules/:id',
    access: 'viewer',
    options: [],
  },
  'schedule rm': {
    usage: 'schedule rm SCHEDULE',
    summary: 'remove a schedule; its sweeps stay',
    example: 'hilltop schedule rm nightly',
    rest: 'DELETE /api/v1/schedules/:id',
    access: 'operator',
    options: [],
  },
  'schedule trigger': {
    usage: 'schedule trigger SCHEDULE',
    summary: 'start it now, whatever the clock says',
    example: 'hilltop schedule trigger nightly',
    rest: 'POST /api/v1/schedules/:id/trigger',
    access: 'operator',
    options: [],
  },
  'schedule pause': {
    usage: 'schedule pause SCHEDULE',
    summary: 'start nothing until it is resumed; a sweep that runs goes on',
    example: 'hilltop schedule pause nightly',
    rest: 'POST /api/v1/schedules/:id/pause',
    access: 'operator',
    options: [],
  },
  'schedule resume': {
    usage: 'schedule resume SCHEDULE',
    summary: 'start by the clock again; what came in between is not made up',
    example: 'hilltop schedule resume nightly',
    rest: 'POST /api/v1/schedules/:id/resume',
    access: 'operator',
    options: [],
  },
  'notify add': {
    usage: 'notify add NAME',
    summary: 'tell a webhook or a folder what is new; nothing when nothing is',
    example: 'hilltop notify add chat --url https://chat.example/hook --secret-file hook.secret --on regression',
    rest: 'POST /api/v1/subscriptions',
    access: 'admin',
    options: [
      { flag: '--url URL', description: 'webhook, signed as Standard Webhooks' },
      { flag: '--secret-file FILE', description: 'with --url: holds whsec_ and 24 to 64 bytes in base64' },
      { flag: '--folder DIR', description: "files in this folder below the lab's news folder" },
      {
        flag: '--on KINDS',
        description:
          'regression, improvement, inconclusive, recovered, sweep-failed, schedule-missed, device-quarantined, device-returned; comma separated (all)',
        repeatable: true,
      },
    ],
  },
  'notify ls': {
    usage: 'notify ls',
    summary: 'list who is told of what, and whether it arrives',
    example: 'hilltop notify ls',
    rest: 'GET /api/v1/subscriptions',
    access: 'operator',
    options: [],
  },
  'notify rm': {
    usage: 'notify rm NAME',
    summary: 'tell it nothing any more',
    example: 'hilltop notify rm chat',
    rest: 'DELETE /api/v1/subscriptions/:id',
    access: 'admin',
    options: [],
  },
  'notify test': {
    usage: 'notify test NAME',
    summary: 'send a test now; one that arrives enables a subscription again that was given up',
    example: 'hilltop notify test chat',
    rest: 'POST /api/v1/subscriptions/:id/test',
    access: 'admin',
    options: [],
  },
} as const satisfies Record<string, VerbRow>;
