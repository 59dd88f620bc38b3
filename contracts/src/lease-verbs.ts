import { deviceOption, labelOption, type VerbRow } from './verb-row.js';

const why = { flag: '--reason TEXT', description: 'why, told to the holder (with --force)' };

export const leaseVerbs = {
  reserve: {
    usage: 'reserve',
    summary: 'have a device for yourself, for a time; exit 0 when it is yours, 1 when you are in the queue',
    example: 'hilltop reserve -d bench-pi --for 2h --wait',
    rest: 'POST /api/v1/leases',
    access: 'operator',
    options: [
      deviceOption,
      labelOption,
      { flag: '--for TIME', description: 'how long, e.g. 30m or 2h (30m)' },
      { flag: '--wait', description: 'wait in the queue until it is yours' },
      { flag: '--note TEXT', description: 'what for, told to those who wait' },
      { flag: '--force', description: 'admins: go ahead of the queue; the holder is warned and loses it' },
      why,
    ],
  },
  reservations: {
    usage: 'reservations',
    summary: 'list leases and the queue, newest first',
    example: 'hilltop reservations --all',
    rest: 'GET /api/v1/leases',
    access: 'viewer',
    options: [
      { flag: '-d, --device DEVICE', description: 'only of this device' },
      { flag: '--holder NAME', description: 'only of this person or pipeline' },
      { flag: '--all', description: 'those that have ended, too' },
    ],
  },
  take: {
    usage: 'take DEVICE',
    summary: 'take a device that was granted to you while you waited',
    example: 'hilltop take bench-pi',
    rest: 'POST /api/v1/leases/:id/take',
    access: 'operator',
    options: [],
  },
  extend: {
    usage: 'extend DEVICE',
    summary: 'keep a device longer',
    example: 'hilltop extend bench-pi --for 1h',
    rest: 'POST /api/v1/leases/:id/extend',
    access: 'operator',
    options: [{ flag: '--for TIME', description: 'how much longer (30m)' }],
  },
  release: {
    usage: 'release DEVICE',
    summary: 'give a device back, or leave the queue for it',
    example: 'hilltop release bench-pi',
    rest: 'POST /api/v1/leases/:id/release',
    access: 'operator',
    options: [{ flag: '--force', description: "admins: free somebody else's device after a warning" }, why],
  },
  handover: {
    usage: 'handover DEVICE',
    summary: 'give a device to somebody else, with the time that is left',
    example: 'hilltop handover bench-pi --to Mira',
    rest: 'POST /api/v1/leases/:id/handover',
    access: 'operator',
    options: [{ flag: '--to USER', description: 'who gets it' }],
  },
  ask: {
    usage: 'ask DEVICE',
    summary: 'ask the holder of a device for it',
    example: 'hilltop ask bench-pi',
    rest: 'POST /api/v1/leases/:id/ask',
    access: 'operator',
    options: [],
  },
  answer: {
    usage: 'answer DEVICE ANSWER',
    summary: 'answer who asked you for a device: give, later (in ten minutes) or no',
    example: 'hilltop answer bench-pi give',
    rest: 'POST /api/v1/leases/:id/answer',
    access: 'operator',
    options: [],
  },
  who: {
    usage: 'who',
    summary: 'who holds which device until when, and who waits for it',
    example: 'hilltop who',
    access: 'viewer',
    options: [labelOption],
  },
} as const satisfies Record<string, VerbRow>;
