import type { ConsoleTyped } from '@hilltop/contracts';
import { DeviceEntity } from '../../devices/device.entity.js';
import { LeaseBench } from '../../leases/testing/lease-bench.js';
import type { AgentLink } from '../../links/agent-link.js';
import { createLog } from '../../log.js';
import type { RunProgress } from '../../runs/run-progress.js';
import { ConsoleDelivery } from '../console-delivery.js';
import { ConsoleLineEntity } from '../console-line.entity.js';
import { ConsoleTranscript } from '../console-transcript.js';
import { HeldLease } from '../held-lease.js';
import { KeyboardService } from '../keyboard.service.js';

/** What is wrong with the bench on purpose. */
export interface PlantedFaults {
  /** The lease is the one of the last look. */
  readonly staleLease?: boolean;
  /** Holdings are told apart by their lease alone. */
  readonly sameHolding?: boolean;
  /** One message in five comes twice, or never. */
  readonly line?: 'doubles' | 'drops';
}

/** A line that was stored, with the lease that was held at that moment: written by the database itself, not by what is tested. */
export interface Witnessed {
  readonly position: number;
  readonly leaseId: string | null;
  readonly holder: string | null;
}

/** Keyboards over leases and a real database; the agent is a list of what it was sent. */
export class ConsoleBench {
  readonly sent: ConsoleTyped[] = [];
  readonly transcript: ConsoleTranscript;
  readonly delivery: ConsoleDelivery;
  readonly keyboards: KeyboardService;
  /** A run on every device. */
  run: { runId: string; phase: string } | undefined;
  connected = true;
  #count = 0;

  private constructor(
    readonly leases: LeaseBench,
    faults: PlantedFaults,
  ) {
    const log = createLog('silent');
    const { database, live } = leases;
    const now = () => leases.now;
    const link = {
      on: () => undefined,
      connected: () => this.connected,
      send: async (_agent: string, _channel: string, typed: ConsoleTyped) => {
        const isFifth = ++this.#count % 5 === 0;
        if (!(isFifth && faults.line === 'drops')) this.sent.push(typed);
        if (isFifth && faults.line === 'doubles') this.sent.push(typed);
        return true;
      },
    } as unknown as AgentLink;
    const held = new HeldLease(now);
    if (faults.sameHolding) {
      const look = held.of.bind(held);
      held.of = async (manager, deviceId) => {
        const hold = await look(manager, deviceId);
        return hold && { ...hold, holding: hold.holding.split('#')[0]! };
      };
    }
    if (faults.staleLease) {
      const look = held.of.bind(held);
      let last: Awaited<ReturnType<typeof look>>;
      held.of = async (manager, deviceId) => {
        const before = last;
        last = await look(manager, deviceId);
        return before;
      };
    }
    this.transcript = new ConsoleTranscript(database, live, { consoleDays: 30 }, log);
    this.delivery = new ConsoleDelivery(link, database, this.transcript, live, log);
    const progress = { onDevice: () => this.run } as unknown as RunProgress;
    this.keyboards = new KeyboardService(
      database,
      leases.devices,
      leases.book,
      held,
      progress,
      this.transcript,
      this.delivery,
      live,
      now,
      log,
    );
  }

  /** One board, `pico`. */
  static async start(faults: PlantedFaults = {}): Promise<ConsoleBench> {
    const leases = await LeaseBench.start();
    await leases.add('pico');
    await leases.database.write(async (manager) => {
      await manager.update(DeviceEntity, { name: 'pico' }, { kind: 'microcontroller' });
      await manager.query('CREATE TABLE "witnessed" ("position" integer, "leaseId" text, "holder" text)');
      await manager.query(
        `CREATE TRIGGER "witness" AFTER INSERT ON "console_line" WHEN NEW."kind" <> 'out' BEGIN
           INSERT INTO "witnessed" VALUES (NEW."position",
             (SELECT "id" FROM "reservation" WHERE "deviceId" = NEW."deviceId" AND "state" = 'held' AND "until" > NEW."at"),
             (SELECT "owner" FROM "reservation" WHERE "deviceId" = NEW."deviceId" AND "state" = 'held' AND "until" > NEW."at"));
         END`,
      );
    });
    const bench = new ConsoleBench(leases, faults);
    await bench.transcript.onModuleInit();
    bench.keyboards.onModuleInit();
    return bench;
  }

  get keyboard() {
    return this.keyboards.keyboard('dev_0000pico');
  }

  lines(): Promise<ConsoleLineEntity[]> {
    return this.leases.database.reader.getRepository(ConsoleLineEntity).find({ order: { position: 'ASC' } });
  }

  async witnessed(): Promise<Map<number, Witnessed>> {
    const rows = (await this.leases.database.reader.query('SELECT * FROM "witnessed"')) as Witnessed[];
    return new Map(rows.map((row) => [Number(row.position), row]));
  }

  /** Time passes, and is looked at. */
  async pass(seconds: number): Promise<void> {
    await this.leases.pass(seconds);
    this.keyboards.look();
    await this.leases.settled();
  }

  async close(): Promise<void> {
    this.keyboards.onModuleDestroy();
    this.delivery.onModuleDestroy();
    this.transcript.onModuleDestroy();
    await this.leases.close();
  }
}
