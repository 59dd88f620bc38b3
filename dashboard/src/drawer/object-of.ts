import type { Device, Model } from '@hilltop/contracts';
import type { Subject } from '../panels/panel-name.js';

/** The thing a page is about, as its address names it. */
export interface PresentObject {
  readonly kind: 'model' | 'device' | 'job' | 'run' | 'sweep' | 'gate' | 'schedule';
  /** Id, of models and devices also the name. */
  readonly key: string;
}

const kinds = {
  models: 'model',
  devices: 'device',
  jobs: 'job',
  runs: 'run',
  sweeps: 'sweep',
  gates: 'gate',
  schedules: 'schedule',
} as const;

/** `/models/net` -> the model net; undefined on pages that are about no single thing. */
export function objectOf(path: string): PresentObject | undefined {
  const [, noun, key] = path.split('/');
  const kind = (kinds as Record<string, PresentObject['kind'] | undefined>)[noun ?? ''];
  return kind === undefined || key === undefined || key === '' ? undefined : { kind, key: decodeURIComponent(key) };
}

/** The id of the thing; names of models and devices are looked up. */
export function idOf(
  { kind, key }: PresentObject,
  known: { readonly model: ReadonlyMap<string, Model>; readonly device: ReadonlyMap<string, Device> },
): string {
  if (kind !== 'model' && kind !== 'device') return key;
  if (known[kind].has(key)) return key;
  return [...known[kind].values()].find(({ name }) => name === key)?.id ?? key;
}

/** What its notes are about; undefined: nobody writes notes on such a thing. `jobId`: of a run. */
export function subjectOf(kind: PresentObject['kind'], id: string, jobId: string | undefined): Subject | undefined {
  if (kind === 'run') return jobId === undefined ? undefined : { runId: id, jobId };
  if (kind === 'schedule' || kind === 'gate') return undefined;
  return { [`${kind}Id`]: id };
}
