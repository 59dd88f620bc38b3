import { type ConsoleEvent, type ConsoleLine, consoleLimits } from '@hilltop/contracts';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type EntityManager, In, LessThan } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { Database } from '../links/database.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { ConsoleLineEntity } from './console-line.entity.js';

/** What boards print is stored in pieces of this time. */
const gatherMs = 500;
/** Most characters of a piece: a board that prints without end must not fill the disk. What is left out is counted. */
const pieceCharacters = 4000;
/** Rows of a device between two looks at how many there are. */
const countEvery = 200;
const sweepMs = 6 * 3_600_000;
const dayMs = 86_400_000;

interface Piece {
  readonly atMs: number;
  readonly runId: string | undefined;
  text: string;
  dropped: number;
}

export type NewLine = Pick<ConsoleLineEntity, 'deviceId' | 'at' | 'kind' | 'text'> & Partial<ConsoleLineEntity>;

/** What was typed and printed, in one order. Nobody writes it but the lab. */
@Injectable()
export class ConsoleTranscript implements OnModuleInit, OnModuleDestroy {
  readonly #pieces = new Map<string, Piece[]>();
  readonly #counts = new Map<string, number>();
  readonly #log: Log;
  readonly #stop: Array<() => void> = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly live: LiveService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'consoleDays'>,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'consoles' });
  }

  async onModuleInit(): Promise<void> {
    const sweep = setInterval(() => void this.forget(Date.now()), sweepMs);
    this.#stop.push(
      () => clearInterval(sweep.unref()),
      this.live.console.listen((event) => event.line === undefined && this.hear(event)),
    );
    await this.database.write((manager) =>
      manager.update(ConsoleLineEntity, { outcome: 'sent' }, { outcome: 'unconfirmed' }),
    );
    await this.forget(Date.now());
  }

  onModuleDestroy(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stop) stop();
  }

  /** What a board printed; stored with what comes soon after it. */
  hear({ deviceId, runId, text, atMs, dropped = 0 }: ConsoleEvent): void {
    const pieces = this.#pieces.get(deviceId) ?? [];
    this.#pieces.set(deviceId, pieces);
    const last = pieces.at(-1);
    const piece = last?.runId === runId && last ? last : { atMs, runId, text: '', dropped: 0 };
    if (piece !== last) pieces.push(piece);
    piece.text += text;
    const over = Math.max(0, piece.text.length - pieceCharacters);
    piece.text = piece.text.slice(over);
    piece.dropped += dropped + over;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.flush().catch((error: unknown) => this.#log.error({ err: error }, 'a console could not be stored'));
    }, gatherMs).unref();
  }

  async flush(): Promise<void> {
    if (this.#pieces.size === 0) return;
    await this.database.write(
      async (manager) => {
        for (const deviceId of [...this.#pieces.keys()]) await this.settle(manager, deviceId);
      },
      { label: 'console' },
    );
  }

  /** Stores what a board printed before what is written next. */
  async settle(manager: EntityManager, deviceId: string): Promise<void> {
    const pieces = this.#pieces.get(deviceId);
    if (!pieces) return;
    this.#pieces.delete(deviceId);
    for (const { atMs, runId, text, dropped } of pieces)
      await this.add(manager, {
        deviceId,
        kind: 'out',
        text,
        at: new Date(atMs).toISOString(),
        runId: runId ?? null,
        ...(dropped > 0 && { dropped }),
      });
  }

  /** Its place in the transcript. */
  async add(manager: EntityManager, line: NewLine): Promise<number> {
    const { identifiers } = await manager.insert(ConsoleLineEntity, line);
    const count = (this.#counts.get(line.deviceId) ?? 0) + 1;
    this.#counts.set(line.deviceId, count % countEvery);
    if (count === countEvery)
      await manager.query(
        'DELETE FROM "console_line" WHERE "deviceId" = ? AND "position" <= (SELECT "position" FROM "console_line" WHERE "deviceId" = ? ORDER BY "position" DESC LIMIT 1 OFFSET ?)',
        [line.deviceId, line.deviceId, consoleLimits.keptLines],
      );
    return Number(identifiers[0]!['position']);
  }

  /** The newest lines of a device or of one run, oldest first; what is not stored yet at the end. */
  async lines(of: { readonly deviceId: string } | { readonly runId: string }): Promise<ConsoleLine[]> {
    const rows = await this.database.reader.getRepository(ConsoleLineEntity).find({
      where: of,
      order: { position: 'DESC' },
      take: consoleLimits.shownLines,
    });
    const devices = 'deviceId' in of ? [of.deviceId] : [...new Set(rows.map(({ deviceId }) => deviceId))];
    const pending = devices.flatMap((deviceId) => this.#pieces.get(deviceId) ?? []);
    const fresh = pending.filter(({ runId }) => !('runId' in of) || runId === of.runId);
    return [
      ...rows.reverse().map(lineView),
      ...fresh.map(
        ({ atMs, text, runId, dropped }): ConsoleLine => ({
          at: new Date(atMs).toISOString(),
          kind: 'out',
          text,
          ...(runId !== undefined && { runId }),
          ...(dropped > 0 && { dropped }),
        }),
      ),
    ];
  }

  /** One line as it is now. */
  async line(order: number): Promise<{ deviceId: string; line: ConsoleLine } | undefined> {
    const row = await this.database.reader.getRepository(ConsoleLineEntity).findOneBy({ position: In([order]) });
    return row ? { deviceId: row.deviceId, line: lineView(row) } : undefined;
  }

  /** What is older than the lab keeps it. */
  async forget(nowMs: number): Promise<void> {
    const at = LessThan(new Date(nowMs - this.config.consoleDays * dayMs).toISOString());
    if (await this.database.reader.getRepository(ConsoleLineEntity).existsBy({ at }))
      await this.database.write((manager) => manager.delete(ConsoleLineEntity, { at }));
  }
}

/** A row as it is told outside. */
export function lineView(row: ConsoleLineEntity): ConsoleLine {
  return {
    order: Number(row.position),
    at: row.at,
    kind: row.kind,
    text: row.text,
    ...(row.owner !== null && row.name !== null && { author: { owner: row.owner, name: row.name } }),
    ...(row.key !== null && { key: row.key }),
    ...(row.outcome !== null && { outcome: row.outcome }),
    ...(row.code !== null && { code: row.code }),
    ...(row.runId !== null && { runId: row.runId }),
    ...(row.dropped !== null && { dropped: row.dropped }),
  };
}
