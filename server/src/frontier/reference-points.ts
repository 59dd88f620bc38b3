import { type MetricId, type MetricRow, metrics as metricTable } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { DeviceEntity } from '../devices/device.entity.js';
import { Database } from '../links/database.js';
import { ModelEntity } from '../models/model.entity.js';
import { RunEntity } from '../runs/run.entity.js';
import { fp32 } from '../summaries/summary.service.js';
import { ReferencePointEntity } from './reference-point.entity.js';
import { referenceOf } from './reference-point.js';

/** Reference points: written once for each model, device type, protocol and metric, at the first clean fp32 run. */
@Injectable()
export class ReferencePoints {
  constructor(private readonly database: Database) {}

  /** Writes what is missing, if this is a clean fp32 run. */
  async note(runId: string): Promise<void> {
    const run = await this.database.reader.getRepository(RunEntity).findOneBy({ id: runId });
    if (run?.recipe !== fp32 || run.verdict?.verdict !== 'clean') return;
    await this.database.write(
      async (manager) => {
        const device = await manager.findOneByOrFail(DeviceEntity, { id: run.deviceId });
        const model = await manager.findOneBy(ModelEntity, { id: run.modelId });
        if (!model) return;
        const classes = model.evaluation?.classes;
        const createdAt = new Date().toISOString();
        const rows = (Object.keys(run.metrics) as MetricId[])
          .filter((metric) => (metricTable[metric] as MetricRow).direction !== 'none')
          .map((metric) => {
            const value = run.metrics[metric]!.value;
            return {
              modelId: run.modelId,
              deviceType: device.type,
              protocol: run.protocol.name,
              metric,
              fp32: value,
              value: referenceOf(metric, value, classes),
              runId,
              createdAt,
            };
          });
        if (rows.length > 0)
          await manager.createQueryBuilder().insert().into(ReferencePointEntity).values(rows).orIgnore().execute();
      },
      { label: 'reference-point' },
    );
  }
}
