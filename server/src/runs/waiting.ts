import type { Waiting } from '@hilltop/contracts';

/** Runs of one job that wait on one device and may start. */
export interface WaitingGroup {
  readonly jobId: string;
  readonly owner: string;
  readonly priority: number;
  /** Of its first run. */
  readonly position: number;
  readonly count: number;
  readonly protocol: string;
}

/** The run in question and the device it waits for. */
export interface WaitingCase {
  readonly run: {
    readonly jobId: string;
    readonly owner: string;
    readonly priority: number;
    readonly protocol: string;
    readonly built: boolean;
    readonly canary: boolean;
    /** Runs of its own job that wait before it on this device. */
    readonly before: number;
    /** The job measures on as many devices as it may. */
    readonly atLimit: boolean;
  };
  readonly device: {
    readonly name: string;
    readonly state: string;
    readonly reason?: string | undefined;
    readonly quarantine?: string | undefined;
    readonly hold?: { readonly owner: string; readonly name: string; readonly until: string } | undefined;
    /** What it measures now. */
    readonly current?: { readonly by: string; readonly protocol: string; readonly claimedAt: string } | undefined;
    /** Another device on the same machine that keeps it from starting. */
    readonly besides?: string | undefined;
  };
  readonly groups: readonly WaitingGroup[];
  /** Device seconds of a run by protocol, as they were here lately. */
  readonly seconds: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

/** Why a run waits, and where it can be told its place and the time until it starts. */
export function explainWaiting(one: WaitingCase): Waiting {
  const { run, device } = one;
  const { name } = device;
  const because = device.reason === undefined ? '' : `: ${device.reason}`;
  if (!run.built) return { why: 'build', text: 'its variant is being built' };
  if (device.state === 'unhealthy') return { why: 'unhealthy', text: `${name} is unhealthy${because}` };
  if (device.state === 'offline' || device.state === 'preparing' || device.state === 'maintenance')
    return { why: 'offline', text: `${name} is ${device.state}${because}` };
  if (device.quarantine !== undefined && !run.canary)
    return { why: 'quarantined', text: `${name} is in quarantine: ${device.quarantine}` };
  const { hold, current } = device;
  if (hold && hold.owner !== run.owner)
    return { why: 'lease', text: `${hold.name} holds ${name} until ${hold.until}`, for: hold.name, until: hold.until };
  const ahead = runsAhead(one);
  const place = { position: ahead.total + 1, ...estimate(one, ahead.byProtocol) };
  if (run.atLimit)
    return { why: 'parallel', text: 'its job measures on as many devices as it may at a time', ...place };
  if (ahead.higher > 0)
    return {
      why: 'priority',
      text: `${ahead.higher} of higher priority come first on ${name}`,
      ...forWhom(current),
      ...place,
    };
  if (ahead.total > 0)
    return { why: 'queue', text: `${ahead.total} come first on ${name}`, ...forWhom(current), ...place };
  if (device.state === 'cooling')
    return { why: 'cooling', text: `${name} cools down before what comes first`, ...forWhom(current), ...place };
  if (current) return { why: 'device-busy', text: `${name} measures for ${current.by}`, for: current.by, ...place };
  if (device.besides !== undefined)
    return { why: 'device-busy', text: `${device.besides} measures on the same machine`, ...place };
  return { why: 'starting', text: `it is the next on ${name}`, ...place };
}

const forWhom = (current: WaitingCase['device']['current']): { for?: string } => (current ? { for: current.by } : {});

interface Ahead {
  readonly total: number;
  readonly higher: number;
  readonly byProtocol: ReadonlyMap<string, number>;
}

/** What starts before it as things stand: all of higher priority, its owner's own before it, and the turns of the others in between. */
function runsAhead({ run, groups, device }: WaitingCase): Ahead {
  const byProtocol = new Map<string, number>();
  const add = (protocol: string, n: number): number => {
    if (n > 0) byProtocol.set(protocol, (byProtocol.get(protocol) ?? 0) + n);
    return n;
  };
  const own = groups.find((group) => group.jobId === run.jobId);
  const here = own?.position ?? Number.POSITIVE_INFINITY;
  const may = groups.filter((group) => device.hold === undefined || device.hold.owner === group.owner);
  let higher = 0;
  let mine = add(run.protocol, run.before);
  const others = new Map<string, WaitingGroup[]>();
  for (const group of [...may].sort((a, b) => a.position - b.position)) {
    if (group.jobId === run.jobId || group.priority < run.priority) continue;
    if (group.priority > run.priority) higher += add(group.protocol, group.count);
    else if (group.owner !== run.owner) others.set(group.owner, [...(others.get(group.owner) ?? []), group]);
    else if (group.position < here) mine += add(group.protocol, group.count);
  }
  let turns = 0;
  for (const queue of others.values()) {
    // By turns: as many as my own before it, and one more of who came first.
    let left = mine + (queue[0]!.position < here ? 1 : 0);
    for (const group of queue) {
      const n = Math.min(left, group.count);
      turns += add(group.protocol, n);
      left -= n;
    }
  }
  return { total: higher + mine + turns, higher, byProtocol };
}

/** Absent as soon as one of the runs before it is of a kind that was not measured here yet. */
function estimate(
  { device: { current }, seconds, nowMs }: WaitingCase,
  ahead: ReadonlyMap<string, number>,
): { estimateSeconds?: number } {
  let sum = 0;
  if (current) {
    const takes = seconds.get(current.protocol);
    if (takes === undefined) return {};
    sum += Math.max(0, takes - (nowMs - Date.parse(current.claimedAt)) / 1000);
  }
  for (const [protocol, n] of ahead) {
    const takes = seconds.get(protocol);
    if (takes === undefined) return {};
    sum += n * takes;
  }
  return { estimateSeconds: Math.round(sum) };
}

/** The middle of some times, by protocol. */
export function middleSeconds(runs: ReadonlyArray<{ protocol: string; seconds: number }>): Map<string, number> {
  const byProtocol = new Map<string, number[]>();
  for (const { protocol, seconds } of runs) byProtocol.set(protocol, [...(byProtocol.get(protocol) ?? []), seconds]);
  return new Map(
    [...byProtocol].map(([protocol, list]) => {
      const sorted = list.sort((a, b) => a - b);
      const half = sorted.length >> 1;
      return [protocol, sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2];
    }),
  );
}
