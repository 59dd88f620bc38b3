import {
  applyChanges,
  type Changes,
  type Entities,
  type LiveEvent,
  noEntities,
  type SubscribeAnswer,
  type Topic,
} from '@hilltop/contracts';
import { io, type Socket } from 'socket.io-client';

/** A topic of the lab as a screen follows it: real Socket.IO, snapshot and changes, subscribing again after a gap. */
export class Watch {
  entities: Entities = noEntities;
  readonly live: LiveEvent[] = [];
  snapshots = 0;
  private epoch = '';
  private revision = -1;
  private readonly socket: Socket;
  private readonly waiting = new Set<() => void>();

  constructor(
    url: string,
    token: string,
    private readonly topic: Topic,
  ) {
    this.socket = io(url, {
      transports: ['websocket'],
      auth: { token },
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
    });
    this.socket.on('changes', (changes: Changes) => {
      if (changes.topic !== topic) return;
      if (changes.epoch !== this.epoch || changes.from !== this.revision) this.subscribe();
      else this.take(changes);
    });
    this.socket.on('live', (event: LiveEvent) => {
      this.live.push(event);
      this.wake();
    });
    this.socket.on('connect', () => this.subscribe());
  }

  private subscribe(): void {
    const have = this.revision >= 0 ? { epoch: this.epoch, revision: this.revision } : undefined;
    this.socket.emit('subscribe', { topic: this.topic, ...(have && { have }) }, (answer: SubscribeAnswer) => {
      if (!answer.ok) throw new Error(answer.error.message);
      if ('snapshot' in answer) {
        this.snapshots += 1;
        this.entities = noEntities;
        this.take({ ...answer.snapshot, changes: answer.snapshot.entities, to: answer.snapshot.revision });
      } else this.take(answer.changes);
    });
  }

  private take({ epoch, to, changes }: Pick<Changes, 'epoch' | 'to' | 'changes'>): void {
    this.epoch = epoch;
    this.revision = to;
    this.entities = applyChanges(this.entities, changes);
    this.wake();
  }

  private wake(): void {
    for (const wake of [...this.waiting]) wake();
  }

  /** Resolves with the first defined value; looks again at each change. */
  async until<T>(look: (entities: Entities) => T | undefined, timeoutMs = 60_000): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const found = look(this.entities);
      if (found !== undefined) return found;
      const left = deadline - performance.now();
      if (left <= 0)
        throw new Error(
          `${this.topic}: not within ${timeoutMs} ms; runs ${JSON.stringify([...this.entities.run.values()].map((r) => [r.id, r.recipe, r.state, r.error]))}`,
        );
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          this.waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, left);
        this.waiting.add(done);
      });
    }
  }

  close(): void {
    this.socket.close();
  }
}
