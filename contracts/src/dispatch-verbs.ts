import type { VerbRow } from './verb-row.js';

export const dispatchVerbs = {
  'device check': {
    usage: 'device check DEVICE',
    summary: 'check the health of a device with a net that is always the same; with --wait: exit 0 healthy, 1 not',
    example: 'hilltop device check bench-pi --wait',
    rest: 'POST /api/v1/devices/:id/check',
    access: 'operator',
    options: [{ flag: '--wait', description: 'wait for the end, and show its health' }],
  },
  'device health': {
    usage: 'device health DEVICE',
    summary: 'look at the checks of a device, and why it is in quarantine',
    example: 'hilltop device health bench-pi',
    rest: 'GET /api/v1/devices/:id/health',
    access: 'viewer',
    options: [],
  },
  'device quarantine': {
    usage: 'device quarantine DEVICE',
    summary: 'take a device out of rotation: nothing but health checks runs on it',
    example: "hilltop device quarantine bench-pi --reason 'new heat sink'",
    rest: 'POST /api/v1/devices/:id/quarantine',
    access: 'operator',
    options: [{ flag: '--reason TEXT', description: 'why, told to everybody' }],
  },
  'device return': {
    usage: 'device return DEVICE',
    summary: 'put a device back into rotation; what was before counts no more',
    example: 'hilltop device return bench-pi',
    rest: 'DELETE /api/v1/devices/:id/quarantine',
    access: 'operator',
    options: [],
  },
} as const satisfies Record<string, VerbRow>;
