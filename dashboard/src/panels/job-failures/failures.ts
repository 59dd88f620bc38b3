import { type Cause, type Job, type JobCreate, protocolOf, type Run, settingsKey } from '@hilltop/contracts';

/** Runs that failed for the same reason. */
export interface Failure {
  readonly code: string;
  readonly cause: Cause;
  /** What the newest of them says. */
  readonly message: string;
  readonly runs: readonly Run[];
  readonly devices: readonly string[];
}

const causeOrder: readonly Cause[] = ['device', 'infrastructure', 'user'];

/** By cause and code, the most frequent of a cause first. */
export function failuresOf(runs: readonly Run[]): Failure[] {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    if (run.state !== 'failed' || !run.error) continue;
    const key = `${run.error.cause} ${run.error.code}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()]
    .map((group): Failure => {
      const sorted = group.sort((a, b) => (b.endedAt ?? '').localeCompare(a.endedAt ?? ''));
      const { code, cause, message } = sorted[0]!.error!;
      return { code, cause, message, runs: sorted, devices: [...new Set(sorted.map((run) => run.deviceName))].sort() };
    })
    .sort(
      (a, b) =>
        causeOrder.indexOf(a.cause) - causeOrder.indexOf(b.cause) ||
        b.runs.length - a.runs.length ||
        a.code.localeCompare(b.code),
    );
}

/**
 * Jobs that measure exactly what failed: a job is recipes x settings x devices, so what failed differently on two devices
 * becomes two jobs. Protocol, its items and repetitions are those of the job.
 */
export function retriesOf(
  job: Pick<Job, 'modelId' | 'protocol' | 'parallel' | 'maxFailures' | 'priority'>,
  runs: readonly Run[],
): JobCreate[] {
  const failed = runs.filter((run) => run.state === 'failed');
  // Per device and settings the recipes; then devices with the same, then settings with the same.
  const cells = new Map<string, { deviceId: string; settings: Run['settings']; recipes: Set<string> }>();
  for (const run of failed) {
    const key = `${run.deviceId} ${settingsKey(run.settings)}`;
    const cell = cells.get(key) ?? { deviceId: run.deviceId, settings: run.settings, recipes: new Set<string>() };
    cell.recipes.add(run.recipe);
    cells.set(key, cell);
  }
  const byWork = new Map<string, { recipes: string[]; settings: Run['settings']; devices: string[] }>();
  for (const { deviceId, settings, recipes } of cells.values()) {
    const sorted = [...recipes].sort();
    const key = `${settingsKey(settings)} ${sorted.join(' ')}`;
    const work = byWork.get(key) ?? { recipes: sorted, settings, devices: [] };
    work.devices.push(deviceId);
    byWork.set(key, work);
  }
  const byPlace = new Map<string, { recipes: string[]; settings: Run['settings'][]; devices: string[] }>();
  for (const { recipes, settings, devices } of byWork.values()) {
    const sorted = [...devices].sort();
    const key = `${sorted.join(' ')} ${recipes.join(' ')}`;
    const place = byPlace.get(key) ?? { recipes, settings: [], devices: sorted };
    place.settings.push(settings);
    byPlace.set(key, place);
  }
  const { protocol, parallel, maxFailures, priority } = job;
  return [...byPlace.values()].map(({ recipes, settings, devices }) => ({
    model: job.modelId,
    recipes,
    settings,
    selector: { devices, labels: {} },
    protocol: protocol.name,
    official: protocol.name === 'strict' && protocol.blockMinMs > protocolOf('strict').blockMinMs,
    ...(protocol.evaluationItems !== undefined && { evaluationItems: protocol.evaluationItems }),
    ...(protocol.repeats !== undefined && { repeats: protocol.repeats }),
    ...(parallel !== undefined && { parallel }),
    ...(maxFailures !== undefined && { maxFailures }),
    ...(priority !== 0 && { priority }),
  }));
}
