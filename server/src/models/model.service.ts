import {
  type Change,
  type DataSet,
  LabError,
  type Model,
  type ModelCreate,
  type PageQuery,
  type QualityMetric,
} from '@hilltop/contracts';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import type { Actor } from '../access/actor.js';
import { decodeCursor, page } from '../access/page.js';
import { newId } from '../ids.js';
import { BlobStore } from '../links/blob-store.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { WorkerPool } from '../links/worker-pool.js';
import { LiveService } from '../live/live.service.js';
import { LOG, type Log } from '../log.js';
import { BlobReferences } from './blob-references.js';
import { type CheckedSet, checkModelTask, type SetName, setNames } from './check-model-task.js';
import { ModelEntity } from './model.entity.js';
import { modelView } from './model-view.js';

/** Says why a model cannot go now, or nothing. Runs inside the transaction that would remove it. */
export type ModelGuard = (manager: EntityManager, modelId: string) => Promise<LabError | undefined>;

/** Source models and their labelled data. */
@Injectable()
export class ModelService implements OnModuleInit {
  /** A model and everything made from it is gone; the transaction is committed. */
  readonly removed = new Signal<string>();
  readonly #guards: ModelGuard[] = [];
  readonly #log: Log;

  constructor(
    private readonly database: Database,
    private readonly blobs: BlobStore,
    private readonly references: BlobReferences,
    private readonly pool: WorkerPool,
    private readonly live: LiveService,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'models' });
  }

  onModuleInit(): void {
    const rows = (where: object) =>
      this.database.reader
        .getRepository(ModelEntity)
        .find({ where: { ...where, hidden: false }, order: { createdAt: 'ASC' } });
    this.live.register('model', {
      load: async (ids) => (await rows({ id: In([...ids]) })).map(changeOf),
      list: async (topic) => {
        if (topic === 'lab') return (await rows({})).map(changeOf);
        return topic.startsWith('model/') ? (await rows({ id: topic.slice(6) })).map(changeOf) : [];
      },
    });
  }

  /** Whoever works with models may object to the removal of one. */
  guard(guard: ModelGuard): void {
    this.#guards.push(guard);
  }

  /**
   * Uploaded blobs -> a model, after every check; nothing is left of one that is refused. `hidden`: in no list.
   * Throws `model.name-taken`, `blob.missing`, `data.missing` and what the checks throw.
   */
  async create(actor: Actor, wish: ModelCreate, { hidden = false } = {}): Promise<Model> {
    await this.#requireFree(this.database.reader.manager, wish.name);
    const fileOf = (sha256: string): string => {
      this.blobs.bytes(sha256);
      return this.blobs.path(sha256);
    };
    const setFiles: Partial<Record<SetName, string>> = {};
    for (const name of setNames) if (wish[name] !== undefined) setFiles[name] = fileOf(wish[name]);
    const modelFile = fileOf(wish.model);
    const bytes = this.blobs.bytes(wish.model);
    const checked = await this.pool.run(checkModelTask, {
      modelFile,
      setFiles,
      ...(wish.shapes && { shapes: wish.shapes }),
    });
    const stored: Partial<Record<SetName, DataSet>> = {};
    for (const name of setNames) {
      const set = checked.sets[name];
      if (set) stored[name] = await this.#store(set);
    }
    const row = this.database.reader.getRepository(ModelEntity).create({
      id: newId('mod'),
      name: wish.name,
      sha256: wish.model,
      bytes,
      opset: checked.opset,
      inputs: checked.inputs,
      outputs: checked.outputs,
      parameters: checked.parameters,
      qualityMetric: qualityMetricOf(wish, stored.evaluation) ?? null,
      evaluation: stored.evaluation ?? null,
      validation: stored.validation ?? null,
      calibration: stored.calibration ?? null,
      training: wish.training ?? null,
      hidden,
      createdBy: actor.name,
      createdAt: new Date().toISOString(),
    });
    await this.database.write(
      async (manager) => {
        await this.#requireFree(manager, wish.name);
        await manager.insert(ModelEntity, row);
        await this.references.add(manager, row.id, [wish.model, ...Object.values(stored).map((set) => set.sha256)]);
        this.database.afterCommit(() => this.live.touch('model', row.id));
      },
      { label: 'model.create' },
    );
    this.#log.info({ modelId: row.id, name: row.name, bytes }, 'model created');
    return modelView(row);
  }

  async list(query: PageQuery): Promise<{ items: Model[]; next?: string }> {
    const rows = this.database.reader.getRepository(ModelEntity).createQueryBuilder('model').where({ hidden: false });
    if (query.cursor !== undefined)
      rows.andWhere('(model.createdAt, model.id) > (:at, :id)', { ...decodeCursor(query.cursor) });
    const found = await rows
      .orderBy('model.createdAt')
      .addOrderBy('model.id')
      .limit(query.limit + 1)
      .getMany();
    return page(found, query.limit, (row) => ({ at: row.createdAt, id: row.id }), modelView);
  }

  /** By id or name. Throws `request.not-found`. */
  async find(idOrName: string): Promise<ModelEntity> {
    const rows = await this.database.reader
      .getRepository(ModelEntity)
      .find({ where: [{ id: idOrName }, { name: idOrName }] });
    const row = rows.find((r) => r.id === idOrName) ?? rows[0];
    if (!row)
      throw new LabError(
        'request.not-found',
        `there is no model ${JSON.stringify(idOrName)}; \`hilltop models\` lists them`,
        { model: idOrName },
      );
    return row;
  }

  /** Removes the model and everything made from it. Throws `request.not-found`, `model.in-use`. */
  async remove(idOrName: string): Promise<void> {
    const { id } = await this.find(idOrName);
    const hashes = await this.database.write(
      async (manager) => {
        for (const guard of this.#guards) {
          const objection = await guard(manager, id);
          if (objection) throw objection;
        }
        const referred = await this.references.of(manager, id);
        await manager.delete(ModelEntity, { id });
        this.database.afterCommit(() => {
          this.live.removed('model', id, ['lab', `model/${id}`]);
          this.removed.emit(id);
        });
        return referred;
      },
      { label: 'model.remove' },
    );
    await this.references.sweep(hashes);
    this.#log.info({ modelId: id, blobs: hashes.length }, 'model removed');
  }

  async #requireFree(manager: EntityManager, name: string): Promise<void> {
    if (await manager.existsBy(ModelEntity, { name })) {
      throw new LabError(
        'model.name-taken',
        `there is already a model named ${name}; choose another name or remove it with \`hilltop models rm\``,
        { name },
      );
    }
  }

  async #store(set: CheckedSet): Promise<DataSet> {
    const blob = await this.blobs.put(set.pack, { maxBytes: set.pack.byteLength });
    return {
      sha256: blob.sha256,
      bytes: blob.bytes,
      items: set.items,
      labelled: set.labelled,
      ...(set.classes !== undefined && { classes: set.classes }),
    };
  }
}

const changeOf = (row: ModelEntity): Change => ({ kind: 'model', id: row.id, value: modelView(row) });

/** What quality means: labels give accuracy, items alone agreement with fp32. Throws `data.missing`. */
export function qualityMetricOf(
  wish: Pick<ModelCreate, 'metric'>,
  evaluation: Pick<DataSet, 'labelled'> | undefined,
): QualityMetric | undefined {
  if (wish.metric !== undefined && !evaluation)
    throw new LabError('data.missing', `${wish.metric} needs an evaluation set; push it with --eval`);
  if (wish.metric === 'accuracy' && !evaluation?.labelled)
    throw new LabError('data.missing', 'accuracy needs labels: an array y in the evaluation set');
  return wish.metric ?? (evaluation && (evaluation.labelled ? 'accuracy' : 'agreement'));
}
