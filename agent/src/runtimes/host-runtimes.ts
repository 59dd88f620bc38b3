import { errorText, type RunSettings, type Runtime, runtimeIdOf, runtimeRefusal } from '@hilltop/contracts';
import { external } from './external/external.js';
import { onnxruntime } from './onnxruntime.js';
import { runFailure } from './outcome.js';
import type { RuntimeContext, RuntimeDriver, Subject } from './runtime.js';
import type { RuntimeSpec } from './runtime-spec.js';
import { trtexec } from './trtexec/trtexec.js';

/** A runtime that is here, or was named, and does not answer. */
export interface RuntimeLack {
  readonly id: string;
  readonly why: string;
}

/** All ways this machine can execute a variant, as one driver: each run goes to the one its settings choose. */
export interface HostRuntimes extends RuntimeDriver {
  /** Those that answer, the default first; asks them once. */
  readonly survey: () => Promise<{ readonly runtimes: readonly Runtime[]; readonly lacks: readonly RuntimeLack[] }>;
  /** The driver that settings choose, and what it said of itself. Throws `runtime.missing`, `runtime.setting-unsupported`. */
  readonly chosen: (settings: RunSettings) => Promise<{ readonly driver: RuntimeDriver; readonly runtime?: Runtime }>;
}

/** ONNX Runtime, TensorRT's trtexec where it is installed, and a person's own programs in the order they were named. */
export function hostRuntimes(context: RuntimeContext, programs: readonly RuntimeSpec[] = []): HostRuntimes {
  const built: ReadonlyArray<{ id: string; driver: RuntimeDriver }> = [
    { id: 'onnxruntime', driver: onnxruntime(context) },
    { id: 'trtexec', driver: trtexec(context) },
    ...programs.map((program) => ({ id: program.id, driver: external({ ...context, program }) })),
  ];
  let surveyed: ReturnType<HostRuntimes['survey']> | undefined;
  const survey = (): ReturnType<HostRuntimes['survey']> => {
    surveyed ??= look(built);
    return surveyed;
  };
  const chosen: HostRuntimes['chosen'] = async (settings) => {
    const { runtimes } = await survey();
    const refusal = runtimeRefusal({ name: 'this machine', facts: { runtimes } }, settings);
    if (refusal) throw runFailure(refusal.code, 'user', refusal.message);
    const id = settings.runtime ?? (runtimes[0] ? runtimeIdOf(runtimes[0]) : 'onnxruntime');
    const runtime = runtimes.find((each) => runtimeIdOf(each) === id);
    return { driver: built.find((each) => each.id === id)!.driver, ...(runtime && { runtime }) };
  };
  const driverFor = async ({ settings }: Pick<Subject, 'settings'>): Promise<RuntimeDriver> =>
    (await chosen(settings)).driver;
  const first = built[0]!.driver;
  return {
    ...first,
    survey,
    chosen,
    block: async (subject, ...rest) => (await driverFor(subject)).block(subject, ...rest),
    evaluate: async (subject, ...rest) => (await driverFor(subject)).evaluate(subject, ...rest),
    profile: async (subject, signal) => (await driverFor(subject)).profile?.(subject, signal) ?? [],
  };
}

async function look(built: ReadonlyArray<{ id: string; driver: RuntimeDriver }>) {
  const runtimes: Runtime[] = [];
  const lacks: RuntimeLack[] = [];
  for (const { id, driver } of built) {
    try {
      const found = await driver.describe();
      if (!found) continue;
      const { version, providers } = found;
      runtimes.push({ name: driver.name, ...(id !== driver.name && { id }), version, providers: [...providers] });
    } catch (error) {
      lacks.push({ id, why: errorText(error) });
    }
  }
  return { runtimes, lacks };
}
