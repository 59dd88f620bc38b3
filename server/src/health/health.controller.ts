import { statfs } from 'node:fs/promises';
import { LabError } from '@hilltop/contracts';
import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { bearerOf } from '../access/access.guard.js';
import { AccessService } from '../access/access.service.js';
import type { ActorRequest } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { CONFIG, type Config, isLoopback } from '../config.js';
import { AgentLink } from '../links/agent-link.js';
import { Database } from '../links/database.js';
import { MetricsService } from './metrics.service.js';

const Health = z.object({ status: z.literal('ok') });
type Health = z.infer<typeof Health>;

/** A write that takes longer means that the lab cannot keep up. */
const writeWithinMs = 1000;
/** Share of the disk that must be free: artifacts and observations need room. */
const freeShare = 0.05;

@Controller()
export class HealthController {
  #probe: Promise<string[]> | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly access: AccessService,
    private readonly database: Database,
    private readonly link: AgentLink,
    private readonly metrics: MetricsService,
  ) {}

  @Get('healthz')
  @Access('public')
  @Answer(Health, 'The process lives')
  alive(): Health {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Access('public')
  @Answer(Health, 'The lab can work: database, broker, disk')
  async ready(): Promise<Health> {
    const faults = [
      ...(await this.#databaseFaults()),
      ...(this.link.started ? [] : ['the broker is not up']),
      ...(await this.#diskFaults()),
    ];
    if (faults.length > 0) throw new LabError('lab.overloaded', faults.join('; '), { faults });
    return { status: 'ok' };
  }

  /** Open where only this machine can connect; else for those who are known. */
  @Get('metrics')
  @Access('public')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  async scrape(@Req() request: ActorRequest): Promise<string> {
    if (!isLoopback(this.config.listen)) {
      this.access.demand(await this.access.authenticate(bearerOf(request.headers.authorization)), 'viewer');
    }
    return this.metrics.registry.metrics();
  }

  async #databaseFaults(): Promise<string[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string[]>((resolve) => {
      timer = setTimeout(() => resolve(['the database takes more than a second for a write']), writeWithinMs);
    });
    // A transaction that takes the write lock and the disk, and changes nothing that is kept. One for all who ask
    // meanwhile: asking is free, and must not fill the queue of those who write.
    this.#probe ??= this.database
      .write((manager) => manager.query('PRAGMA user_version = 1'), { label: 'readyz' })
      .then(
        () => [],
        () => ['the database cannot be written'],
      )
      .finally(() => {
        this.#probe = undefined;
      });
    return Promise.race([this.#probe, late]).finally(() => clearTimeout(timer));
  }

  async #diskFaults(): Promise<string[]> {
    const { bavail, blocks } = await statfs(this.config.dataDir);
    return bavail / blocks < freeShare ? ['less than 5 % of the disk is free'] : [];
  }
}
