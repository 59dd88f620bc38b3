import { type ConsoleText, LabError } from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { DeviceEntity } from '../devices/device.entity.js';
import { DeviceService } from '../devices/device.service.js';
import { Database } from '../links/database.js';
import { WorkerPool } from '../links/worker-pool.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { ConsoleTail, type ConsoleTailText } from './console-tail.js';
import { ObservationStore } from './observation-store.js';
import { consoleTextTask } from './observations-task.js';
import { RunEntity } from './run.entity.js';
import { RunProgress } from './run-progress.js';

/** Consoles that are remembered; the one that was quiet longest is forgotten first. */
const keptConsoles = 200;

/** What boards print beside their protocol: live to who watches, the end of it to who asks. A run's own text is journalled with it. */
@Injectable()
export class ConsoleService {
  /** Device id -> the end of what it printed since the lab started. */
  readonly #devices = new Map<string, ConsoleTail>();
  /** The same of the run it is at; until that is over and its journal has it. */
  readonly #runs = new Map<string, ConsoleTail>();
  /** `<agentId> <deviceId>` that belong together. */
  readonly #known = new Set<string>();
  readonly #log: Log;

  constructor(
    private readonly database: Database,
    private readonly devices: DeviceService,
    private readonly observations: ObservationStore,
    private readonly progress: RunProgress,
    private readonly live: LiveService,
    private readonly pool: WorkerPool,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'console' });
  }

  /** Takes what an agent passes on of its own board; anything else is logged. */
  async hear(agentId: string, message: ConsoleText): Promise<void> {
    if (!(await this.#serves(agentId, message.deviceId)))
      return this.#log.warn({ agentId, deviceId: message.deviceId }, 'a console of no device of this agent');
    const { runId: said, ...rest } = message;
    const jobId = said === undefined ? undefined : this.progress.jobOf(said, message.deviceId);
    const runId = jobId === undefined ? undefined : said;
    for (const [map, id] of [
      [this.#devices, message.deviceId],
      [this.#runs, runId],
    ] as const)
      if (id !== undefined) tailOf(map, id).append(message.text, message.dropped);
    this.live.console.emit({ ...rest, ...(runId !== undefined && jobId !== undefined && { runId, jobId }) });
  }

  /** The end of what a device printed since the lab started. Throws `device.unknown`. */
  async ofDevice(idOrName: string): Promise<ConsoleTailText> {
    const { id } = await this.devices.find(idOrName);
    return this.#devices.get(id)?.document() ?? nothing;
  }

  /** What a device printed during a run: as its agent journalled it, before that as it was heard. Throws `run.unknown`. */
  async ofRun(runId: string): Promise<ConsoleTailText> {
    const run = await this.database.reader.getRepository(RunEntity).findOneBy({ id: runId });
    if (!run) throw new LabError('run.unknown', 'there is no such run; `hilltop runs` lists them', { run: runId });
    const stored = await this.observations.segments(runId, run.attempt, { kind: 'console' });
    if (stored.segments.length > 0)
      return { text: await this.pool.run(consoleTextTask, { ...stored, kind: 'console', format: 'text' }), dropped: 0 };
    return this.#runs.get(runId)?.document() ?? nothing;
  }

  async #serves(agentId: string, deviceId: string): Promise<boolean> {
    const key = `${agentId} ${deviceId}`;
    if (this.#known.has(key)) return true;
    const serves = await this.database.reader.getRepository(DeviceEntity).existsBy({ id: deviceId, agentId });
    if (serves) this.#known.add(key);
    return serves;
  }
}

const nothing: ConsoleTailText = { text: '', dropped: 0 };

function tailOf(map: Map<string, ConsoleTail>, id: string): ConsoleTail {
  const tail = map.get(id) ?? new ConsoleTail();
  // Last in order = last heard of.
  map.delete(id);
  map.set(id, tail);
  const oldest = map.keys().next();
  if (map.size > keptConsoles && !oldest.done) map.delete(oldest.value);
  return tail;
}
