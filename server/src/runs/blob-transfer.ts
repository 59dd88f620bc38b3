import { createHash } from 'node:crypto';
import { type ChannelPayload, chunkBytes, chunkWindow, isLabError, LabError } from '@hilltop/contracts';
import { Inject, Injectable } from '@nestjs/common';
import zstd from '@toondepauw/node-zstd';
import { In } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { AgentLink } from '../links/agent-link.js';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { LOG, type Log } from '../log.js';
import { VariantEntity } from '../variants/variant.entity.js';
import { type Patch, PatchMaker } from './patch-maker.js';
import { RunEntity } from './run.entity.js';
import { RunMetrics } from './run-metrics.js';

interface Manifest {
  readonly bytes: number;
  readonly chunks: Uint8Array;
}

/** Manifests kept: 32 bytes for each 256 KiB of a blob. */
const manifestLimit = 500;
const level = 3;
/** A blob whose chunks did not get smaller so often in a row is taken for incompressible; every so manyth chunk is a new try. */
const triesInVain = 8;
const retryEvery = 16;

/** Artifacts and data sets for agents: chunk by chunk, as they ask, and only what a run of theirs needs. */
@Injectable()
export class BlobTransfer {
  readonly #manifests = new Map<string, Promise<Manifest>>();
  /** `<agentId> <sha256>` that were allowed; a run's blobs do not change. */
  readonly #allowed = new Set<string>();
  /** Chunks of each agent that are read, packed and sent at the moment. */
  readonly #underWay = new Map<string, Set<Promise<void>>>();
  /** Chunks of a blob in a row that packing did not make smaller. */
  readonly #inVain = new Map<string, number>();
  readonly #log: Log;

  constructor(
    private readonly database: Database,
    private readonly blobs: BlobStore,
    private readonly link: AgentLink,
    private readonly metrics: RunMetrics,
    private readonly patches: PatchMaker,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'blob-transfer' });
  }

  async manifest(agentId: string, { requestId, sha256, bases }: ChannelPayload<'up/blob.request'>): Promise<void> {
    try {
      await this.#demand(agentId, sha256);
      const { bytes, chunks } = await this.#manifest(sha256);
      const patch = bases && (await this.#patch(agentId, sha256, bases));
      await this.link.send(agentId, 'down/blob.manifest', {
        requestId,
        sha256,
        bytes,
        chunkBytes,
        chunks,
        ...(patch && {
          patch: {
            sha256: patch.sha256,
            bytes: patch.content.length,
            ...(patch.base !== undefined && { base: patch.base }),
          },
        }),
      });
    } catch (error) {
      const { code, message } = isLabError(error) ? error : new LabError('lab.internal', 'the blob could not be read');
      this.#log.warn({ agentId, sha256, code, err: error }, 'blob refused');
      await this.link.send(agentId, 'down/blob.manifest', {
        requestId,
        sha256,
        bytes: 0,
        chunkBytes,
        chunks: new Uint8Array(),
        error: { code, message },
      });
    }
  }

  /**
   * Sends the chunks asked for. What may not be had is not answered: the manifest has said why. Resolves as soon as
   * the agent has a place for more under way: while one chunk is on its way the next is read and packed.
   */
  async chunks(agentId: string, request: ChannelPayload<'up/chunk.request'>): Promise<void> {
    const { sha256, indices } = request;
    await this.#demand(agentId, sha256);
    const bytes = this.#bytes(sha256);
    const underWay = this.#underWay.get(agentId) ?? new Set();
    this.#underWay.set(agentId, underWay);
    for (const index of indices) {
      const start = index * chunkBytes;
      if (start >= bytes) continue;
      while (underWay.size >= chunkWindow) await Promise.race(underWay);
      const sending: Promise<void> = this.#send(agentId, request, index, Math.min(start + chunkBytes, bytes))
        .catch((error: unknown) => this.#log.error({ agentId, sha256, index, err: error }, 'a chunk could not be sent'))
        .finally(() => {
          underWay.delete(sending);
          if (underWay.size === 0 && this.#underWay.get(agentId) === underWay) this.#underWay.delete(agentId);
        });
      underWay.add(sending);
    }
  }

  /** Resolves when every chunk that was asked for is handed on. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all([...this.#underWay.values()].flatMap((sending) => [...sending]));
  }

  async #send(
    agentId: string,
    { requestId, sha256, accept }: ChannelPayload<'up/chunk.request'>,
    index: number,
    end: number,
  ): Promise<void> {
    const raw = await this.#slice(sha256, index * chunkBytes, end);
    const packed =
      accept.includes('zstd') && this.#worthPacking(sha256, index)
        ? await new zstd.Encoder(level).encode(raw)
        : undefined;
    const smaller = packed !== undefined && packed.length < raw.length;
    if (packed) this.#inVain.set(sha256, smaller ? 0 : (this.#inVain.get(sha256) ?? 0) + 1);
    const data = smaller ? packed : raw;
    const encoding = smaller ? 'zstd' : 'raw';
    await this.link.send(agentId, 'down/chunk', { requestId, sha256, index, encoding, data });
    this.metrics.artifactBytes.inc({ encoding }, data.length);
  }

  /** What was tried in vain again and again is tried now and then only: packing costs more than sending. */
  #worthPacking(sha256: string, index: number): boolean {
    if (this.#inVain.size > manifestLimit) this.#inVain.clear();
    return (this.#inVain.get(sha256) ?? 0) < triesInVain || index % retryEvery === 0;
  }

  #manifest(sha256: string): Promise<Manifest> {
    const kept = this.#manifests.get(sha256);
    if (kept) return kept;
    const made = this.#make(sha256);
    this.#manifests.set(sha256, made);
    made.catch(() => this.#manifests.delete(sha256));
    const oldest = this.#manifests.keys().next();
    if (this.#manifests.size > manifestLimit && !oldest.done) this.#manifests.delete(oldest.value);
    return made;
  }

  async #make(sha256: string): Promise<Manifest> {
    const bytes = this.#bytes(sha256);
    const hashes: Buffer[] = [];
    for (let start = 0; start < bytes; start += chunkBytes) {
      const chunk = await this.#slice(sha256, start, Math.min(start + chunkBytes, bytes));
      hashes.push(createHash('sha256').update(chunk).digest());
    }
    return { bytes, chunks: Buffer.concat(hashes) };
  }

  #bytes(sha256: string): number {
    return this.patches.get(sha256)?.content.length ?? this.blobs.bytes(sha256);
  }

  async #slice(sha256: string, start: number, end: number): Promise<Buffer> {
    const patch = this.patches.get(sha256);
    return patch ? Buffer.from(patch.content.subarray(start, end)) : this.blobs.slice(sha256, start, end);
  }

  /** A shorter way to an artifact for an agent that may have, and says it has, these bases. */
  async #patch(agentId: string, artifact: string, bases: readonly string[]): Promise<Patch | undefined> {
    const rows = await this.database.reader
      .getRepository(VariantEntity)
      .find({ select: { modelId: true, artifactSha256: true }, where: { artifactSha256: In([artifact, ...bases]) } });
    const models = new Set(rows.filter((row) => row.artifactSha256 === artifact).map((row) => row.modelId));
    if (models.size === 0) return undefined;
    const siblings = new Set(rows.filter((row) => models.has(row.modelId)).map((row) => row.artifactSha256));
    const had: string[] = [];
    for (const base of bases)
      if (base !== artifact && siblings.has(base) && (await this.#needed(agentId, base))) had.push(base);
    return this.patches.offer(artifact, had);
  }

  /** Throws `blob.missing`, the same whether it does not exist or is not the agent's to have. */
  async #demand(agentId: string, sha256: string): Promise<void> {
    const patch = this.patches.get(sha256);
    if (patch) {
      // It holds as much of its base as of its artifact: only who may have both may have it.
      if ((await this.#needed(agentId, patch.artifact)) && (!patch.base || (await this.#needed(agentId, patch.base))))
        return;
    } else if (await this.#needed(agentId, sha256)) {
      if (this.blobs.has(sha256)) return;
      throw new LabError('blob.missing', 'the lab does not have this blob any more', { sha256 });
    }
    throw new LabError('blob.missing', 'no run of this agent needs such a blob', { sha256 });
  }

  /** Whether a run of this agent needs the blob, or has needed it. */
  async #needed(agentId: string, sha256: string): Promise<boolean> {
    const key = `${agentId} ${sha256}`;
    if (this.#allowed.has(key)) return true;
    const needed = await this.database.reader
      .getRepository(RunEntity)
      .createQueryBuilder('run')
      .innerJoin(DeviceEntity, 'device', 'device.id = run.deviceId')
      .where('device.agentId = :agentId AND (run.artifactSha256 = :sha256 OR run.evaluationSha256 = :sha256)', {
        agentId,
        sha256,
      })
      .getExists();
    if (needed) this.#allowed.add(key);
    return needed;
  }
}
