import {
  type Presence,
  type PresenceChanges,
  type PresenceCursor,
  type PresenceCursors,
  type PresenceUpdate,
  pathOf,
  personColours,
} from '@hilltop/contracts';

export interface Person {
  readonly key: string;
  readonly name: string;
  readonly role: Presence['person']['role'];
  readonly guest?: true;
}

/** Someone who comes back within this time was never gone: a reload, a lost link. */
export const graceMs = 10_000;

interface Screen {
  presence: Presence;
  cursor?: PresenceCursor | undefined;
  /** When its connection ended; undefined while it is there. */
  leftAtMs?: number;
}

/** Who is here and what they look at: in memory only, by connection. Time comes from outside. */
export class Roster {
  readonly #screens = new Map<string, Screen>();
  /** A person keeps their colour as long as this process lives. */
  readonly #colours = new Map<string, number>();
  readonly #changed = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #moved = new Set<string>();

  /** What a screen says of itself. A person's screens that were left meanwhile are forgotten. */
  update(connection: string, person: Person, update: PresenceUpdate): void {
    for (const [other, screen] of this.#screens)
      if (screen.leftAtMs !== undefined && screen.presence.person.key === person.key) this.#remove(other);
    const before = this.#screens.get(connection);
    const follows = this.#followable(connection, update.follows);
    const presence: Presence = {
      page: update.page,
      selection: update.selection,
      state: update.state,
      ...(follows !== undefined && { follows }),
      connection,
      person: { ...person, colour: this.#colourOf(person.key) },
    };
    const samePage = before && pathOf(before.presence.page) === pathOf(update.page);
    this.#screens.set(connection, { presence, ...(samePage && before.cursor && { cursor: before.cursor }) });
    this.#gone.delete(connection);
    this.#changed.add(connection);
  }

  /** Where a screen's pointer is; undefined: nowhere. Ignored before its first update. */
  point(connection: string, cursor: PresenceCursor | undefined): void {
    const screen = this.#screens.get(connection);
    if (!screen || screen.leftAtMs !== undefined) return;
    screen.cursor = cursor;
    this.#moved.add(connection);
  }

  /** The connection ended; its person may come back. */
  leave(connection: string, nowMs: number): void {
    const screen = this.#screens.get(connection);
    if (!screen) return;
    screen.leftAtMs = nowMs;
    const others = [...this.#screens.values()].some(
      (other) => other.leftAtMs === undefined && other.presence.person.key === screen.presence.person.key,
    );
    if (others) this.#remove(connection);
  }

  /** Forgets those whose grace is over. True while somebody's runs. */
  expire(nowMs: number): boolean {
    let waiting = false;
    for (const [connection, screen] of this.#screens) {
      if (screen.leftAtMs === undefined) continue;
      if (nowMs - screen.leftAtMs >= graceMs) this.#remove(connection);
      else waiting = true;
    }
    return waiting;
  }

  /** Everybody, for one who has just come. */
  all(): PresenceChanges {
    return { here: [...this.#screens.values()].map(({ presence }) => presence), gone: [] };
  }

  /** What has changed since the last call; undefined when nothing has. */
  changes(): PresenceChanges | undefined {
    if (this.#changed.size === 0 && this.#gone.size === 0) return undefined;
    const here = [...this.#changed].flatMap((connection) => this.#screens.get(connection)?.presence ?? []);
    const gone = [...this.#gone];
    this.#changed.clear();
    this.#gone.clear();
    return { here, gone };
  }

  /** Pointers that moved since the last call, by the path they are on. */
  moves(): ReadonlyMap<string, PresenceCursors> {
    const byPath = new Map<string, PresenceCursors>();
    for (const connection of this.#moved) {
      const screen = this.#screens.get(connection);
      if (!screen) continue;
      const path = pathOf(screen.presence.page);
      const list = byPath.get(path) ?? [];
      list.push({ connection, ...(screen.cursor && { cursor: screen.cursor }) });
      byPath.set(path, list);
    }
    this.#moved.clear();
    return byPath;
  }

  pathOf(connection: string): string | undefined {
    const screen = this.#screens.get(connection);
    return screen && pathOf(screen.presence.page);
  }

  /** Nobody follows themselves, who is gone, or in a circle. */
  #followable(connection: string, follows: string | undefined): string | undefined {
    let at = follows;
    for (let steps = 0; at !== undefined && steps <= this.#screens.size; steps++) {
      if (at === connection) return undefined;
      const screen = this.#screens.get(at);
      if (!screen) return undefined;
      at = screen.presence.follows;
    }
    return follows;
  }

  #remove(connection: string): void {
    this.#screens.delete(connection);
    this.#changed.delete(connection);
    this.#moved.delete(connection);
    this.#gone.add(connection);
    for (const [other, screen] of this.#screens) {
      if (screen.presence.follows !== connection) continue;
      const { follows: _, ...rest } = screen.presence;
      screen.presence = rest;
      this.#changed.add(other);
    }
  }

  /** The least used colour, lowest first. */
  #colourOf(key: string): number {
    const known = this.#colours.get(key);
    if (known !== undefined) return known;
    const used = new Array<number>(personColours).fill(0);
    for (const colour of this.#colours.values()) used[colour]!++;
    const colour = used.indexOf(Math.min(...used));
    this.#colours.set(key, colour);
    return colour;
  }
}
