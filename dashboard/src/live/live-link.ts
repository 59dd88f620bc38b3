import {
  Changes,
  type ClientEvents,
  ConsoleEvent,
  type ConsoleReply,
  type ErrorCode,
  LabError,
  LiveEvent,
  type PresenceCursor,
  type PresenceUpdate,
  Pulses,
  Snapshot,
  type Subscribe,
  type Topic,
} from '@hilltop/contracts';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Connection } from './connection.js';
import { Cursors } from './cursors.js';
import type { FrameQueue } from './frame-queue.js';
import { Presences } from './presences.js';
import { emptyTopic, reduceTopic, type TopicInput, type TopicState } from './topic-state.js';

/** The socket as this file needs it. Everything that arrives is still unchecked. */
export interface LinkSocket {
  open(): void;
  close(): void;
  /** Rejects when no answer came in time. */
  subscribe(request: Subscribe): Promise<unknown>;
  unsubscribe(topic: Topic): void;
  /** What this screen shows. */
  present(update: PresenceUpdate): void;
  /** Where the pointer is; lost when the socket is busy. */
  point(cursor: PresenceCursor | undefined): void;
  /** What the lab calls this connection. */
  id(): string | undefined;
  /** Rejects when no answer came in time; never kept for later. */
  command(event: ConsoleCommand, payload: object): Promise<unknown>;
}

export type ConsoleCommand = Extract<keyof ClientEvents, `console.${string}`>;

export interface LinkHandlers {
  readonly connected: () => void;
  /** Lost, or never had. `final`: it will not come back by itself, because the lab refused. */
  readonly disconnected: (reason: string, final: 'final' | 'will-retry') => void;
  readonly changes: (message: unknown) => void;
  readonly live: (message: unknown) => void;
  readonly pulse: (message: unknown) => void;
  readonly console: (message: unknown) => void;
  readonly quiet: (message: unknown) => void;
  readonly presence: (message: unknown) => void;
  readonly cursors: (message: unknown) => void;
}

export interface LinkPorts {
  readonly socket: (handlers: LinkHandlers) => LinkSocket;
  readonly frames: FrameQueue;
  readonly now: () => number;
  readonly setTimer: (callback: () => void, milliseconds: number) => void;
  readonly onLive: (event: LiveEvent) => void;
  readonly onPulses: (pulses: Pulses) => void;
  readonly onConsole: (event: ConsoleEvent) => void;
}

/** A topic nobody looks at any more is left after this time, so that going back costs nothing. */
export const lingerMs = 5000;
/** How often the lab is asked whether we have everything: measures the round trip, heals what was lost. */
export const checkMs = 20_000;
const retryMs = 1000;

interface Followed {
  readonly store: StoreApi<TopicState>;
  readonly inbox: TopicInput[];
  viewers: number;
  left: number;
}

/** Follows topics of the lab for ever: reconnects, asks again after every gap, survives a restarted lab. */
export class LiveLink {
  readonly connection: StoreApi<Connection>;
  readonly quiet = createStore<{ active: boolean }>(() => ({ active: false }));
  readonly presences: Presences;
  readonly cursors: Cursors;
  private readonly topics = new Map<Topic, Followed>();
  private readonly socket: LinkSocket;
  private isOpen = false;
  /** Counts connections: an answer that belongs to an earlier one is nothing. */
  private generation = 0;
  /** Which start this is; 0 while stopped. */
  private turn = 0;

  constructor(private readonly ports: LinkPorts) {
    this.connection = createStore<Connection>(() => ({ status: 'connecting', sinceMs: ports.now() }));
    this.presences = new Presences({
      say: (update) => this.socket.present(update),
      connection: () => (this.isOpen ? this.socket.id() : undefined),
      setTimer: ports.setTimer,
    });
    this.cursors = new Cursors({
      say: (cursor) => this.isOpen && this.socket.point(cursor),
      now: ports.now,
      setTimer: ports.setTimer,
    });
    this.socket = ports.socket({
      connected: () => this.connected(),
      disconnected: (reason, final) => this.disconnected(reason, final),
      changes: (message) => this.received(message),
      live: (message) => {
        const event = LiveEvent.safeParse(message);
        if (event.success) ports.onLive(event.data); // lossy by contract: a bad one is a lost one
      },
      pulse: (message) => {
        const pulses = Pulses.safeParse(message);
        if (pulses.success) ports.onPulses(pulses.data);
      },
      console: (message) => {
        const event = ConsoleEvent.safeParse(message);
        if (event.success) ports.onConsole(event.data);
      },
      presence: (message) => this.presences.received(message),
      cursors: (message) => this.cursors.received(message),
      quiet: (message) => this.setQuiet((message as { active?: unknown } | undefined)?.active === true),
    });
  }

  /** Begins, or begins again after `stop`. */
  start(): void {
    this.turn = ++turns;
    const turn = this.turn;
    this.socket.open();
    this.checkLater(turn);
  }

  /** The store of a topic; the topic is followed while at least one `release` is outstanding. */
  follow(topic: Topic): { store: StoreApi<TopicState>; release: () => void } {
    const followed = this.topics.get(topic) ?? {
      store: createStore<TopicState>(() => emptyTopic),
      inbox: [],
      viewers: 0,
      left: 0,
    };
    const isNew = !this.topics.has(topic);
    this.topics.set(topic, followed);
    followed.viewers++;
    if (isNew && this.isOpen) this.ask(topic, followed);
    let released = false;
    return {
      store: followed.store,
      release: () => {
        if (released) return;
        released = true;
        followed.viewers--;
        const left = ++followed.left;
        this.ports.setTimer(() => this.leave(topic, followed, left), lingerMs);
      },
    };
  }

  /** A command of a console. Refused while there is no connection: a board must not act late. Throws LabErrors. */
  async command(event: ConsoleCommand, payload: object): Promise<number> {
    const away = (): LabError =>
      new LabError('lab.unreachable', 'the lab did not answer; look before you type it again');
    if (!this.isOpen) throw away();
    const answer = (await this.socket.command(event, payload).catch(() => undefined)) as ConsoleReply | undefined;
    if (answer?.ok) return answer.order;
    throw answer?.error ? new LabError(answer.error.code as ErrorCode, answer.error.message) : away();
  }

  stop(): void {
    this.turn = 0;
    this.socket.close();
  }

  private leave(topic: Topic, followed: Followed, left: number): void {
    if (followed.viewers > 0 || followed.left !== left || this.topics.get(topic) !== followed) return;
    this.topics.delete(topic);
    if (this.isOpen) this.socket.unsubscribe(topic);
  }

  private connected(): void {
    this.isOpen = true;
    this.generation++;
    this.connection.setState({ status: 'live', sinceMs: this.ports.now() }, true);
    for (const [topic, followed] of this.topics) this.ask(topic, followed);
    this.presences.connected();
  }

  private disconnected(reason: string, final: 'final' | 'will-retry'): void {
    this.isOpen = false;
    this.cursors.clear();
    const before = this.connection.getState();
    if (final === 'final') this.connection.setState({ status: 'refused', sinceMs: this.ports.now(), reason }, true);
    else if (before.status !== 'away' && before.status !== 'connecting')
      this.connection.setState({ status: 'away', sinceMs: this.ports.now(), reason }, true);
    this.setQuiet(false);
    for (const followed of this.topics.values()) this.take(followed, { type: 'disconnected' });
  }

  private setQuiet(active: boolean): void {
    this.ports.frames.setQuiet(active);
    if (this.quiet.getState().active !== active) this.quiet.setState({ active });
  }

  private received(message: unknown): void {
    const changes = Changes.safeParse(message);
    if (changes.success) {
      const followed = this.topics.get(changes.data.topic);
      if (followed) this.take(followed, { type: 'changes', changes: changes.data, answer: false });
      return;
    }
    // Not understood: the next question brings a snapshot, or says in words that the versions differ.
    const followed = this.topics.get(String((message as { topic?: unknown } | undefined)?.topic));
    if (followed) this.take(followed, { type: 'unanswered' });
  }

  /** Asks with what we have; the answer goes through the same inbox as the pushes, in order of arrival. */
  private ask(topic: Topic, followed: Followed): void {
    this.flush(followed);
    const have = followed.store.getState().have;
    const askedAt = this.ports.now();
    const generation = this.generation;
    const isOurs = (): boolean => this.isOpen && this.generation === generation;
    this.commit(followed, [{ type: 'asked' }]);
    this.socket.subscribe({ topic, ...(have && { have }) }).then(
      (answer) => {
        if (!isOurs()) return;
        const connection = this.connection.getState();
        if (connection.status === 'live')
          this.connection.setState({ ...connection, roundTripMs: this.ports.now() - askedAt }, true);
        // Answers are rare and somebody waits for them: they do not wait for a frame, nor for a quiet second.
        followed.inbox.push(inputOf(answer));
        this.flush(followed);
      },
      () => {
        if (isOurs()) this.take(followed, { type: 'unanswered' });
      },
    );
  }

  private take(followed: Followed, input: TopicInput): void {
    followed.inbox.push(input);
    this.ports.frames.request(this.flushAll);
  }

  private readonly flushAll = (): void => {
    for (const followed of this.topics.values()) this.flush(followed);
  };

  private flush(followed: Followed): void {
    if (followed.inbox.length > 0) this.commit(followed, followed.inbox.splice(0));
  }

  /** All inputs in one store commit. */
  private commit(followed: Followed, inputs: readonly TopicInput[]): void {
    let state = followed.store.getState();
    let ask = false;
    let unanswered = false;
    for (const input of inputs) {
      const step = reduceTopic(state, input);
      state = step.state;
      ask ||= step.ask;
      unanswered ||= input.type === 'unanswered';
    }
    followed.store.setState(state, true);
    if (!ask || !this.isOpen || state.asking) return;
    const again = (): void => {
      for (const [topic, each] of this.topics)
        if (each === followed && this.isOpen && !each.store.getState().asking) this.ask(topic, each);
    };
    // A lab that does not answer is not asked in a tight circle.
    if (unanswered) this.ports.setTimer(again, retryMs);
    else again();
  }

  private checkLater(turn: number): void {
    this.ports.setTimer(() => {
      if (this.turn !== turn) return;
      const lab = this.topics.get('lab');
      if (lab && this.isOpen && !lab.store.getState().asking) this.ask('lab', lab);
      this.checkLater(turn);
    }, checkMs);
  }
}

let turns = 0;

/** An answer to `subscribe`, checked at the door. */
function inputOf(answer: unknown): TopicInput {
  const { ok, snapshot, changes, error } = (answer ?? {}) as Record<string, unknown>;
  if (ok === true && snapshot !== undefined) {
    const parsed = Snapshot.safeParse(snapshot);
    if (parsed.success) return { type: 'snapshot', snapshot: parsed.data };
  }
  if (ok === true && changes !== undefined) {
    const parsed = Changes.safeParse(changes);
    if (parsed.success) return { type: 'changes', changes: parsed.data, answer: true };
  }
  if (ok === false) {
    const { code, message } = (error ?? {}) as Record<string, unknown>;
    return {
      type: 'refused',
      error: { code: String(code ?? 'lab.internal'), message: String(message ?? 'the lab refused') },
    };
  }
  return {
    type: 'refused',
    error: { code: 'wire.version', message: 'the lab was updated since this page was loaded: reload it' },
  };
}
