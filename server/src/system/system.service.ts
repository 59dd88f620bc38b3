import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { System } from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import { AgentEntity } from '../agents/agent.entity.js';
import { CONFIG, type Config } from '../config.js';
import { DeviceEntity } from '../devices/device.entity.js';
import { JobEntity } from '../jobs/job.entity.js';
import { guestsAllowed } from '../lab/lab-setting.entity.js';
import { Database } from '../links/database.js';
import { ModelEntity } from '../models/model.entity.js';
import { RunEntity } from '../runs/run.entity.js';
import { UserEntity } from '../users/user.entity.js';
import { VariantEntity } from '../variants/variant.entity.js';
import { version } from '../version.js';

const startedAt = new Date(Date.now() - process.uptime() * 1000).toISOString();
/** The data directory is measured at most this often: it may hold many files. */
const measureMs = 60_000;

const counted = {
  models: ModelEntity,
  variants: VariantEntity,
  devices: DeviceEntity,
  agents: AgentEntity,
  jobs: JobEntity,
  runs: RunEntity,
  users: UserEntity,
} as const satisfies Record<keyof System['counts'], unknown>;

/** What the coordinator knows of itself. */
@Injectable()
export class SystemService {
  #measured: { readonly atMs: number; readonly bytes: Promise<number> } | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly database: Database,
  ) {}

  async get(): Promise<System> {
    const { reader } = this.database;
    const disk = await statfs(this.config.dataDir);
    const counts = await Promise.all(
      Object.entries(counted).map(async ([name, entity]) => [name, await reader.getRepository(entity).count()]),
    );
    return {
      version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      startedAt,
      dataDir: this.config.dataDir,
      dataBytes: await this.#dataBytes(),
      diskFreeBytes: disk.bavail * disk.bsize,
      counts: Object.fromEntries(counts) as System['counts'],
      guests: await guestsAllowed(reader.manager),
    };
  }

  #dataBytes(): Promise<number> {
    const now = performance.now();
    if (!this.#measured || now - this.#measured.atMs > measureMs)
      this.#measured = { atMs: now, bytes: bytesBelow(this.config.dataDir) };
    return this.#measured.bytes;
  }
}

/** Bytes of all files below a folder; what goes away meanwhile counts nothing. */
async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesBelow(path);
    else if (entry.isFile()) bytes += (await stat(path).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}
