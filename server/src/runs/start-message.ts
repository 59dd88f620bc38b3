import { claimTtlMs, type RunStart } from '@hilltop/contracts';
import type { DeviceEntity } from '../devices/device.entity.js';
import type { ModelEntity } from '../models/model.entity.js';
import type { VariantEntity } from '../variants/variant.entity.js';
import type { RunEntity } from './run.entity.js';

/** What an agent needs to execute a run. The artifact must be there. */
export function startMessage(
  run: RunEntity,
  device: Pick<DeviceEntity, 'id' | 'key'>,
  model: ModelEntity,
  variant: Pick<VariantEntity, 'interface'>,
  fence: number,
  attempt: number,
): RunStart {
  if (run.artifactSha256 === null || run.artifactBytes === null) throw new Error(`run ${run.id} has no artifact`);
  return {
    runId: run.id,
    jobId: run.jobId,
    attempt,
    fence,
    deviceId: device.id,
    deviceKey: device.key,
    ttlMs: claimTtlMs,
    artifact: { sha256: run.artifactSha256, bytes: run.artifactBytes },
    ...(model.evaluation && {
      evaluation: { sha256: model.evaluation.sha256, bytes: model.evaluation.bytes, items: model.evaluation.items },
    }),
    // A variant made elsewhere may name its tensors differently: the agent asks the runtime by name.
    inputs: variant.interface?.inputs ?? model.inputs,
    outputs: variant.interface?.outputs ?? model.outputs,
    ...(model.qualityMetric !== null && { qualityMetric: model.qualityMetric }),
    protocol: run.protocol,
    settings: run.settings,
  };
}
