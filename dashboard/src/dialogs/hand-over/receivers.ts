import { ordinal, type Presence, type Reservation, type User } from '@hilltop/contracts';

export interface Receiver {
  readonly id: string;
  readonly name: string;
  /** `1st in queue, here now`; empty: nothing is known. */
  readonly words: string;
}

const stateWords = { active: 'here now', idle: 'here, idle', away: 'away' } as const;

/** Who could be given a device: those who wait for it in their order, then those who are here, then the others. Pure. */
export function receivers(
  users: readonly Pick<User, 'id' | 'name'>[],
  queue: readonly Reservation[],
  holder: string,
  here: ReadonlyMap<string, Presence['state']>,
): Receiver[] {
  return users
    .filter(({ id }) => id !== holder)
    .map(({ id, name }) => {
      const at = queue.findIndex((each) => each.holder.owner === id);
      const state = here.get(id);
      const words = [...(at < 0 ? [] : [`${ordinal(at + 1)} in queue`]), ...(state ? [stateWords[state]] : [])];
      return { id, name, words: words.join(', '), rank: at < 0 ? (state ? 1000 : 2000) : at };
    })
    .sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name))
    .map(({ id, name, words }) => ({ id, name, words }));
}
