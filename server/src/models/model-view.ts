import type { Model } from '@hilltop/contracts';
import type { ModelEntity } from './model.entity.js';

/** A model as it is told outside. */
export function modelView(row: ModelEntity): Model {
  return {
    id: row.id,
    name: row.name,
    sha256: row.sha256,
    bytes: row.bytes,
    opset: row.opset,
    inputs: row.inputs,
    outputs: row.outputs,
    parameters: row.parameters,
    ...(row.qualityMetric !== null && { qualityMetric: row.qualityMetric }),
    ...(row.evaluation !== null && { evaluation: row.evaluation }),
    ...(row.validation !== null && { validation: row.validation }),
    ...(row.calibration !== null && { calibration: row.calibration }),
    ...(row.training !== null && { training: row.training }),
    ...(row.createdBy !== null && { createdBy: row.createdBy }),
    createdAt: row.createdAt,
  };
}
