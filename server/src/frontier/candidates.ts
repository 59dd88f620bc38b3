import type { DeviceFrontier, ProtocolName } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { Database } from '../links/database.js';
import { RunEntity } from '../runs/run.entity.js';
import { type Repeats, repeatsOf } from '../runs/run-repeats.js';
import { SummaryEntity } from '../summaries/summary.entity.js';
import type { Candidate } from './candidate.js';
import { ReferencePointEntity } from './reference-point.entity.js';
import type { ReferencePoint } from './reference-point.js';

export interface DeviceCandidates {
  readonly device: DeviceEntity;
  readonly candidates: Candidate[];
  readonly reference: ReferencePoint;
  /** Key of all its summaries. */
  readonly key: string;
  /** What its energies contain: of one key, so of one scope. */
  readonly energy?: NonNullable<DeviceFrontier['energy']>;
}

/** Older runs than so many have newer ones of the same points. */
const newestRuns = 1000;

/** What frontiers are made of, as it is stored. */
@Injectable()
export class Candidates {
  constructor(private readonly database: Database) {}

  /** Device and protocol of every succeeded run of a model, newest first. */
  async places(modelId: string): Promise<Array<{ deviceId: string; protocol: ProtocolName }>> {
    const rows = await this.database.reader.getRepository(RunEntity).find({
      select: { deviceId: true, protocol: true, position: true },
      where: { modelId, state: 'succeeded' },
      order: { position: 'DESC' },
    });
    const seen = new Map(
      rows.map((row) => [
        `${row.deviceId} ${row.protocol.name}`,
        { deviceId: row.deviceId, protocol: row.protocol.name },
      ]),
    );
    return [...seen.values()];
  }

  /** Protocol of the model's newest run; undefined when it has none. */
  async newestProtocol(modelId: string): Promise<ProtocolName | undefined> {
    const row = await this.database.reader
      .getRepository(RunEntity)
      .findOne({ where: { modelId, state: 'succeeded' }, order: { position: 'DESC' } });
    return row?.protocol.name;
  }

  /** Candidates of each device: runs whose summaries have the same key as the newest one. `deviceIds`, `runIds` absent: all. */
  async of(
    modelId: string,
    protocol: ProtocolName,
    deviceIds: readonly string[] | undefined,
    runIds?: readonly string[],
  ): Promise<DeviceCandidates[]> {
    const { manager } = this.database.reader;
    const summaries = await manager.find(SummaryEntity, {
      where: {
        ...(runIds && { runId: In(runIds.slice(-newestRuns)) }),
        run: { modelId, state: 'succeeded', ...(deviceIds && { deviceId: In([...deviceIds]) }) },
      },
      relations: { run: true },
      order: { run: { position: 'DESC' } },
      take: newestRuns,
    });
    const byDevice = new Map<string, Array<{ summary: SummaryEntity; run: RunEntity }>>();
    for (const summary of summaries) {
      const { run } = summary;
      if (!run || run.protocol.name !== protocol) continue;
      const list = byDevice.get(run.deviceId) ?? [];
      // Newest first: another key belongs to what the device was before.
      if (list.length === 0 || list[0]!.summary.key === summary.key) list.push({ summary, run });
      byDevice.set(run.deviceId, list);
    }
    const devices = await manager.find(DeviceEntity, {
      where: { id: In([...byDevice.keys()]) },
      order: { name: 'ASC' },
    });
    const references = await manager.findBy(ReferencePointEntity, { modelId, protocol });
    const repeats = await repeatsOf(
      manager,
      [...byDevice.values()].flat().flatMap(({ run }) => (run.repeatOf === null ? [] : [run])),
    );
    return devices.map((device) => ({
      device,
      key: byDevice.get(device.id)![0]!.summary.key,
      candidates: byDevice
        .get(device.id)!
        .flatMap(({ summary, run }) => candidateOf(summary, run, repeats.get(run.id))),
      reference: Object.fromEntries(
        references.filter((r) => r.deviceType === device.type).map((r) => [r.metric, r.value]),
      ),
      ...energyOf(byDevice.get(device.id)!),
    }));
  }
}

function energyOf(rows: ReadonlyArray<{ readonly summary: SummaryEntity }>): Pick<DeviceCandidates, 'energy'> {
  const budget = rows.find(({ summary }) => summary.energy !== null)?.summary.energy;
  return budget ? { energy: { scope: budget.scope, ...(budget.simulated && { simulated: true }) } } : {};
}

function candidateOf(summary: SummaryEntity, run: RunEntity, repeats: Repeats = {}): Candidate[] {
  if (run.artifactSha256 === null || run.artifactBytes === null) return [];
  return [
    {
      variant: run.variantId,
      recipe: run.recipe,
      settings: run.settings,
      artifact: { sha256: run.artifactSha256, bytes: run.artifactBytes },
      verdict: summary.verdict.verdict,
      ...(repeats.unstable !== undefined && { unstable: repeats.unstable }),
      metrics: summary.metrics,
      runId: run.id,
      basis: summary.basis,
      endedAt: Date.parse(run.endedAt ?? run.queuedAt),
    },
  ];
}
