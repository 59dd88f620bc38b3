import { type Device, type Reservation, type Schedule, selects } from '@hilltop/contracts';
import { deviceLeases } from '../leases/lease-model.js';
import { earliestMs } from '../leases/lease-words.js';

export type BlockKind = 'lease' | 'past' | 'queue' | 'schedule' | 'quarantine';

/** A stretch of a device's time; ms since 1970. */
export interface CalendarBlock {
  readonly key: string;
  readonly kind: BlockKind;
  readonly fromMs: number;
  readonly toMs: number;
  readonly text: string;
  /** It goes on beyond the right edge, or nobody knows how long. */
  readonly isOpen: boolean;
  readonly isMine: boolean;
  readonly href?: string;
}

export interface CalendarRow {
  readonly device: Device;
  readonly blocks: readonly CalendarBlock[];
}

export interface CalendarSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export const spans = ['today', '3 days', 'week'] as const;
export type SpanName = (typeof spans)[number];
const days = { today: 1, '3 days': 3, week: 7 } as const satisfies Record<SpanName, number>;

/** From the midnight that `nowMs` follows; the zone is the browser's. Days are days of the calendar, so summer time fits. */
export function spanOf(name: SpanName, nowMs: number): CalendarSpan {
  const from = new Date(nowMs);
  from.setHours(0, 0, 0, 0);
  const to = new Date(from);
  to.setDate(to.getDate() + days[name]);
  return { fromMs: from.getTime(), toMs: to.getTime() };
}

export interface CalendarInput {
  readonly devices: readonly Device[];
  readonly reservations: readonly Reservation[];
  readonly schedules: readonly Schedule[];
  readonly owner: string | undefined;
  readonly span: CalendarSpan;
  readonly nowMs: number;
}

/** Every device with what is known of its time: leases, the queue's estimates, next starts, quarantine. Nothing else is known of the future. Pure. */
export function calendarRows(input: CalendarInput): CalendarRow[] {
  const { devices, span } = input;
  return devices
    .filter(({ state }) => state !== 'retired')
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
    .map((device) => ({
      device,
      blocks: [...leaseBlocks(device, input), ...scheduleBlocks(device, input), ...quarantineBlocks(device, input)]
        .filter(({ fromMs, toMs }) => toMs > span.fromMs && fromMs < span.toMs)
        .map((block) => ({
          ...block,
          fromMs: Math.max(span.fromMs, block.fromMs),
          toMs: Math.min(span.toMs, block.toMs),
          isOpen: block.isOpen || block.toMs > span.toMs,
        })),
    }));
}

function leaseBlocks(device: Device, { reservations, owner, nowMs }: CalendarInput): CalendarBlock[] {
  const leases = deviceLeases(device.id, reservations, undefined);
  const { current, queue } = leases;
  const past = reservations.filter(
    ({ state, deviceId, takenAt, ended }) => state === 'ended' && deviceId === device.id && takenAt && ended,
  );
  return [
    ...past.map(
      ({ id, holder, takenAt, ended }): CalendarBlock => ({
        ...{ key: id, kind: 'past', text: holder.name, isOpen: false, isMine: holder.owner === owner },
        ...{ fromMs: Date.parse(takenAt!), toMs: Date.parse(ended!.at) },
      }),
    ),
    ...(current?.until === undefined
      ? []
      : [
          {
            ...{ key: current.id, kind: 'lease' as const, isOpen: false, isMine: current.holder.owner === owner },
            text: current.state === 'granted' ? `granted to ${current.holder.name}` : current.holder.name,
            fromMs: Date.parse(current.takenAt ?? current.createdAt),
            toMs: Math.max(nowMs, Date.parse(current.until)),
          },
        ]),
    ...queue.map((wish, i): CalendarBlock => {
      const fromMs = earliestMs(leases, i + 1, nowMs);
      return {
        ...{ key: `${wish.id} ${device.id}`, kind: 'queue', text: wish.holder.name, fromMs, isOpen: false },
        ...{ toMs: fromMs + wish.forSeconds * 1000, isMine: wish.holder.owner === owner },
      };
    }),
  ];
}

/** A start has an end only if the one before had: it then is as long as that. */
const unknownMs = 15 * 60_000;

function scheduleBlocks(device: Device, { schedules, nowMs }: CalendarInput): CalendarBlock[] {
  return schedules.flatMap(({ id, name, nextAt, file, last }): CalendarBlock[] => {
    if (nextAt === undefined || Date.parse(nextAt) < nowMs || !selects(file.selector, device)) return [];
    const fromMs = Date.parse(nextAt);
    const tookMs = last?.endedAt === undefined ? undefined : Date.parse(last.endedAt) - Date.parse(last.at);
    return [
      {
        ...{ key: `${id} ${device.id}`, kind: 'schedule', text: name, fromMs, isMine: false },
        ...{ toMs: fromMs + (tookMs ?? unknownMs), isOpen: tookMs === undefined, href: `/schedules/${id}` },
      },
    ];
  });
}

function quarantineBlocks({ id, quarantine }: Device, { span }: CalendarInput): CalendarBlock[] {
  if (!quarantine) return [];
  const word = quarantine.kind === 'maintenance' ? 'maintenance' : 'quarantine';
  return [
    {
      ...{ key: `${id} out`, kind: 'quarantine', text: `${word}: ${quarantine.reason}`, isMine: false },
      ...{ fromMs: Date.parse(quarantine.since), toMs: span.toMs, isOpen: true },
    },
  ];
}

/** Where an instant is between the edges, 0 to 100. */
export const percentOf = ({ fromMs, toMs }: CalendarSpan, atMs: number): number =>
  Math.min(100, Math.max(0, ((atMs - fromMs) / (toMs - fromMs)) * 100));

/** Whole hours (today) or midnights to write along the top. */
export function ticksOf({ fromMs, toMs }: CalendarSpan): number[] {
  const isDay = toMs - fromMs < 30 * 3_600_000;
  const ticks: number[] = [];
  for (const at = new Date(fromMs); at.getTime() < toMs; ) {
    ticks.push(at.getTime());
    if (isDay) at.setHours(at.getHours() + 3);
    else at.setDate(at.getDate() + 1);
  }
  return ticks;
}

/** How long to book when a pointer that went down now was let go at a moment: in steps of a quarter hour, at least one. */
export function bookedSeconds(nowMs: number, releasedMs: number): number {
  return Math.max(1, Math.round((releasedMs - nowMs) / 900_000)) * 900;
}
