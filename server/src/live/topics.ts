import type { Change, Topic } from '@hilltop/contracts';

/** Who wants to know of a change: the topics in whose snapshot its entity is. Removals carry theirs. */
export function topicsOf(change: Change): Topic[] {
  const { value } = change;
  if (value === undefined) return [];
  switch (change.kind) {
    case 'device':
      return ['lab', `device/${change.id}`];
    case 'model':
      return ['lab', `model/${change.id}`];
    case 'variant':
      return [`model/${change.value!.modelId}`];
    case 'job':
      return ['lab', `job/${change.id}`, `model/${change.value!.modelId}`];
    case 'run':
      return [`job/${change.value!.jobId}`, `model/${change.value!.modelId}`, `device/${change.value!.deviceId}`];
    case 'frontier':
      return [`model/${change.value!.modelId}`];
    case 'gate':
      return ['lab', `sweep/${change.value!.sweepId}`];
    case 'sweep':
      return ['lab', `sweep/${change.id}`];
    case 'trial':
      return [`sweep/${change.value!.sweepId}`];
    case 'schedule':
      return ['lab'];
    case 'note': {
      const { modelId, deviceId, jobId, sweepId } = change.value!.about;
      const { mentions } = change.value!;
      return [
        ...(mentions.length > 0 ? (['lab'] as const) : []),
        ...(modelId === undefined ? [] : [`model/${modelId}` as const]),
        ...(deviceId === undefined ? [] : [`device/${deviceId}` as const]),
        ...(jobId === undefined ? [] : [`job/${jobId}` as const]),
        ...(sweepId === undefined ? [] : [`sweep/${sweepId}` as const]),
      ];
    }
    case 'console':
      return [`device/${change.id}`];
    case 'reservation': {
      const { deviceId, candidates } = change.value!;
      const devices = new Set(deviceId === undefined ? candidates : [deviceId, ...candidates]);
      return ['lab', ...[...devices].map((id): Topic => `device/${id}`)];
    }
  }
}
