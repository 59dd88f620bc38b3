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
  }
}
