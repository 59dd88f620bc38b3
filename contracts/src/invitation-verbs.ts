import type { VerbRow } from './verb-row.js';

export const invitationVerbs = {
  invite: {
    usage: 'invite [PATH]',
    summary: 'make a link that lets people in to watch; shown once',
    example: 'hilltop invite /models/net --for 24h',
    rest: 'POST /api/v1/invitations',
    access: 'operator',
    options: [
      { flag: '--for TIME', description: 'how long it lets people in, e.g. 8h or 7d (24h)' },
      { flag: '--name N', description: 'what it is for' },
    ],
  },
  'invite ls': {
    usage: 'invite ls',
    summary: 'list the links, and how many came in with each',
    example: 'hilltop invite ls',
    rest: 'GET /api/v1/invitations',
    access: 'operator',
    options: [],
  },
  'invite revoke': {
    usage: 'invite revoke INVITATION',
    summary: 'end a link and send its guests out now',
    example: 'hilltop invite revoke inv_5d1…',
    rest: 'DELETE /api/v1/invitations/:id',
    access: 'operator',
    options: [],
  },
} as const satisfies Record<string, VerbRow>;
