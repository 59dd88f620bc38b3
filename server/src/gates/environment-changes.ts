import {
  type EnvironmentChange,
  type EnvironmentFact,
  environmentFacts,
  type RunEnvironment,
} from '@hilltop/contracts';

/** What one run tells of its device. */
export interface ToldEnvironment {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly environment: RunEnvironment;
}

const textOf = {
  agent: ({ agentVersion }) => agentVersion,
  node: ({ node }) => node,
  runtime: ({ runtime }) => `${runtime.name} ${runtime.version} ${runtime.provider}`,
  kernel: ({ kernel }) => kernel,
  governor: ({ governor }) => governor,
  caps: ({ caps }) => caps,
  prepared: ({ prepared }) => (prepared === undefined ? undefined : prepared.join(', ') || 'nothing'),
} as const satisfies Record<EnvironmentFact, (environment: RunEnvironment) => string | undefined>;

/** Facts of devices that both sides measured on and that are no longer the same: all values of a side, in order of appearance. Pure. */
export function environmentChanges(
  before: readonly ToldEnvironment[],
  now: readonly ToldEnvironment[],
): EnvironmentChange[] {
  const devices = new Map(now.map(({ deviceId, deviceName }) => [deviceId, deviceName]));
  return [...devices].flatMap(([deviceId, deviceName]) => {
    const [earlier, later] = [before, now].map((side) => side.filter((each) => each.deviceId === deviceId));
    if (earlier!.length === 0) return [];
    return environmentFacts.flatMap((fact): EnvironmentChange[] => {
      const [was, is] = [earlier!, later!].map((side) => valuesOf(side, fact));
      if (was === is) return [];
      const sides = { ...(was !== undefined && { before: was }), ...(is !== undefined && { now: is }) };
      return [{ deviceId, deviceName, fact, ...sides }];
    });
  });
}

function valuesOf(side: readonly ToldEnvironment[], fact: EnvironmentFact): string | undefined {
  const values = new Set(side.flatMap(({ environment }) => textOf[fact](environment) ?? []));
  return values.size === 0 ? undefined : [...values].sort().join(' | ');
}
