import type { Device, GateSummary, Reservation, Schedule } from '@hilltop/contracts';
import type { LeaseNotice } from '../leases/lease-notices.js';

export type NeedAction =
  | { readonly kind: 'look'; readonly text: string }
  | { readonly kind: 'check'; readonly deviceId: string }
  | { readonly kind: 'give' | 'take' | 'extend'; readonly reservation: Reservation };

/** One thing that waits for a person. */
export interface Need {
  readonly key: string;
  readonly tone: 'bad' | 'warn' | 'off';
  readonly name: string;
  readonly href: string;
  readonly what: string;
  /** Since when it waits; a lease has an end instead. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly action: NeedAction;
}

export interface NeedsInput {
  readonly devices: readonly Device[];
  readonly notices: readonly LeaseNotice[];
  readonly gates: readonly GateSummary[];
  readonly schedules: readonly Schedule[];
}

/** What needs a person, most urgent first: people who wait, then devices, then nights. Pure. */
export function needsOf({ devices, notices, gates, schedules }: NeedsInput): Need[] {
  return [
    ...notices.flatMap(needOfLease),
    ...byName(devices)
      .flatMap(needOfDevice)
      .sort((a, b) => rank[a.tone] - rank[b.tone]),
    ...newestGates(gates).flatMap(needOfGate),
    ...byName(schedules).flatMap(needOfSchedule),
  ];
}

const rank = { bad: 0, warn: 1, off: 2 } as const;
const byName = <T extends { readonly name: string }>(all: readonly T[]): T[] =>
  [...all].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));

function needOfLease({ kind, reservation, key }: LeaseNotice): Need[] {
  const name = reservation.deviceName ?? 'a device';
  const common = { key, name, href: `/devices/${name}`, tone: 'warn' } as const;
  const { ask, until, forced } = reservation;
  switch (kind) {
    case 'ask':
      return [
        { ...common, what: `${ask!.by.name} asks for it`, since: ask!.at, action: { kind: 'give', reservation } },
      ];
    case 'granted':
      return [{ ...common, what: 'is granted to you', until, action: { kind: 'take', reservation } }];
    case 'ending':
      return [{ ...common, what: 'your lease ends', until, action: { kind: 'extend', reservation } }];
    case 'forced':
      return [
        {
          ...{ ...common, tone: 'bad', what: `${forced!.by} takes it: ${forced!.reason}`, until: forced!.at },
          action: { kind: 'look', text: 'Look' },
        },
      ];
    case 'answered':
      return [];
  }
}

function needOfDevice(device: Device): Need[] {
  const { id, name, state, stateReason, quarantine, lastCheck, lastSeenAt } = device;
  const common = { key: id, name, href: `/devices/${name}` };
  const look = { kind: 'look', text: 'Look' } as const;
  if (quarantine && quarantine.kind !== 'maintenance')
    return [
      {
        ...{ ...common, tone: 'bad', what: `quarantined: ${quarantine.reason}`, since: quarantine.since, action: look },
      },
    ];
  if (state === 'unhealthy') return [{ ...common, tone: 'bad', what: `unhealthy: ${stateReason ?? ''}`, action: look }];
  if (state === 'offline')
    return [{ ...common, tone: 'off', what: `offline: ${stateReason ?? 'no word'}`, since: lastSeenAt, action: look }];
  if (lastCheck && !lastCheck.healthy && state !== 'retired')
    return [
      {
        ...{ ...common, tone: 'warn', what: 'its last health check failed', since: lastCheck.at },
        action: { kind: 'check', deviceId: id },
      },
    ];
  return [];
}

/** Of the gates of one name against one baseline the newest counts. */
function newestGates(gates: readonly GateSummary[]): GateSummary[] {
  const newest = new Map<string, GateSummary>();
  for (const gate of gates) {
    const key = `${gate.sweepName}|${gate.baselineName}`;
    const before = newest.get(key);
    if (!before || before.createdAt < gate.createdAt) newest.set(key, gate);
  }
  return [...newest.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}

function needOfGate({ id, sweepName, baselineName, verdict, counts, createdAt }: GateSummary): Need[] {
  if (verdict !== 'worse') return [];
  return [
    {
      ...{ key: id, tone: 'bad', name: sweepName, href: `/gates/${id}`, since: createdAt },
      what: `${counts.worse} regressed against ${baselineName}`,
      action: { kind: 'look', text: 'Decide' },
    },
  ];
}

function needOfSchedule({ id, name, paused, last }: Schedule): Need[] {
  if (paused || !last) return [];
  const failed = last.state === 'failed' || last.sweepState === 'failed';
  if (!failed) return [];
  return [
    {
      ...{ key: id, tone: 'bad', name, href: `/schedules/${id}`, since: last.endedAt ?? last.at },
      what: `its last start failed${last.error ? `: ${last.error.message}` : ''}`,
      action: { kind: 'look', text: 'Look' },
    },
  ];
}
