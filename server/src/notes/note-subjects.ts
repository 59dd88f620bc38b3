import { LabError, type Note, type NoteSubject, type NoteSubjectKind } from '@hilltop/contracts';
import type { EntityManager } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { GateEntity } from '../gates/gate.entity.js';
import { JobEntity } from '../jobs/job.entity.js';
import { ModelEntity } from '../models/model.entity.js';
import { RunEntity } from '../runs/run.entity.js';
import { SweepEntity } from '../sweeps/sweep.entity.js';
import { VariantEntity } from '../variants/variant.entity.js';

type Finder = (manager: EntityManager, id: string) => Promise<Note['about'] | undefined>;

/** Where a note on a thing is shown besides; undefined: there is no such thing. */
const finders = {
  model: async (manager, id) => ((await manager.existsBy(ModelEntity, { id })) ? { modelId: id } : undefined),
  variant: async (manager, id) => {
    const row = await manager.findOneBy(VariantEntity, { id });
    return row ? { modelId: row.modelId } : undefined;
  },
  run: async (manager, id) => {
    const row = await manager.findOneBy(RunEntity, { id });
    return row ? { modelId: row.modelId, deviceId: row.deviceId, jobId: row.jobId } : undefined;
  },
  device: async (manager, id) => ((await manager.existsBy(DeviceEntity, { id })) ? { deviceId: id } : undefined),
  job: async (manager, id) => {
    const row = await manager.findOneBy(JobEntity, { id });
    return row ? { jobId: id, modelId: row.modelId } : undefined;
  },
  sweep: async (manager, id) => ((await manager.existsBy(SweepEntity, { id })) ? { sweepId: id } : undefined),
  gate: async (manager, id) => {
    const row = await manager.findOneBy(GateEntity, { id });
    return row ? { sweepId: row.sweepId } : undefined;
  },
} as const satisfies Record<NoteSubjectKind, Finder>;

/** Throws `note.subject-unknown`. */
export async function aboutOf(manager: EntityManager, subject: NoteSubject): Promise<Note['about']> {
  const about = await finders[subject.kind](manager, subject.id);
  if (!about) throw new LabError('note.subject-unknown', `there is no ${subject.kind} ${subject.id}`, { subject });
  return subject.kind === 'gate' && subject.row !== undefined ? { ...about, row: subject.row } : about;
}
