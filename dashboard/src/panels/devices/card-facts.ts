import { type Device, type Me, type PersonHere, type Presence, pathOf, type Reservation } from '@hilltop/contracts';
import { deviceLeases, isOwn } from '../leases/lease-model.js';
import type { Whereabouts } from '../leases/lease-words.js';

/** What a card says beside the device itself; equal facts draw nothing again. */
export interface CardFacts {
  readonly current: Reservation | undefined;
  readonly isMine: boolean;
  readonly where: Whereabouts;
  readonly queue: readonly Reservation[];
  /** My place among those who wait; 1 is next. */
  readonly place: number | undefined;
  readonly watchers: readonly { readonly key: string; readonly name: string; readonly colour: number }[];
}

const whereWords = { active: 'here', idle: 'idle', away: 'away' } as const satisfies Record<
  Presence['state'],
  Whereabouts
>;

/** Who holds a device, who waits, who looks at its page. Pure. */
export function cardFacts(
  device: Pick<Device, 'id' | 'name'>,
  reservations: readonly Reservation[],
  people: readonly PersonHere[],
  me: Me | undefined,
): CardFacts {
  const { current, queue } = deviceLeases(device.id, reservations, me);
  const at = queue.findIndex(({ holder }) => isOwn(holder, me));
  const holder = people.find(({ key }) => key === current?.holder.owner);
  const paths = [`/devices/${device.id}`, `/devices/${encodeURIComponent(device.name)}`, `/devices/${device.name}`];
  const isMine = current !== undefined && isOwn(current.holder, me);
  return {
    ...{ current, queue, isMine },
    where: isMine ? 'here' : holder ? whereWords[holder.screens[0]!.state] : 'not here',
    place: at < 0 ? undefined : at + 1,
    watchers: people
      .filter(({ screens }) => screens.some(({ page }) => paths.includes(pathOf(page))))
      .map(({ key, name, colour }) => ({ key, name, colour })),
  };
}

/** Whether two cards say the same. */
export function sameFacts(a: CardFacts, b: CardFacts): boolean {
  return (
    a.current === b.current &&
    a.isMine === b.isMine &&
    a.where === b.where &&
    a.place === b.place &&
    a.queue.length === b.queue.length &&
    a.queue.every((each, i) => each === b.queue[i]) &&
    a.watchers.length === b.watchers.length &&
    a.watchers.every(({ key, name, colour }, i) => {
      const other = b.watchers[i]!;
      return key === other.key && name === other.name && colour === other.colour;
    })
  );
}
