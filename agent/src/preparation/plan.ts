import type { Wanted } from './wanted.js';

/** A file of the kernel, its path without the root, and what it says now. */
export interface Setting {
  readonly path: string;
  readonly now: string;
  readonly writable: boolean;
}

/** A frequency policy, or a core on kernels without policies. */
export interface GovernorSetting extends Setting {
  /** Names it would take; none where the kernel does not say. */
  readonly available: readonly string[];
}

/** A fan, and the file that takes it from its regulator, where there is one. */
export interface FanSetting extends Setting {
  readonly regulator?: Setting & { readonly manual: string };
}

/** What a machine has that can be set. */
export interface Settings {
  /** Number of the power mode; absent: this machine has none, or does not tell. */
  readonly powerMode?: number;
  readonly governors: readonly GovernorSetting[];
  readonly fans: readonly FanSetting[];
}

/** What a file is to say, and what it said before. */
export interface Change {
  readonly part: 'governor' | 'fan';
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

export interface Lack {
  readonly what: string;
  readonly remedy: string;
}

export interface Plan {
  /** Present where the mode has to change. */
  readonly powerMode?: { readonly before: number; readonly after: number };
  /** In the order they are made; taken back in the opposite order. */
  readonly changes: readonly Change[];
  /** What was wanted and cannot be. */
  readonly lacks: ReadonlyArray<Lack & { readonly part: keyof Wanted }>;
}

/** Pure: from what is wanted and what is there to what is to be changed. What is already as wanted is no change. */
export function planChanges(wanted: Wanted, seen: Settings): Plan {
  const lacks: Array<Plan['lacks'][number]> = [];
  const { powerMode, governor, fan } = wanted;
  if (powerMode !== undefined && seen.powerMode === undefined)
    lacks.push({
      part: 'powerMode',
      what: `power-mode=${powerMode}: this machine has no nvpmodel power modes, or nvpmodel does not answer`,
      remedy: 'leave power-mode out of --prepare; on a Jetson: sudo apt-get install nvidia-l4t-nvpmodel',
    });
  const governors = governor === undefined ? [] : seen.governors.filter(({ now }) => now !== governor);
  if (governor !== undefined) lacks.push(...governorLacks(governor, seen.governors));
  const fans = fan === undefined ? [] : seen.fans;
  if (fan !== undefined) lacks.push(...fanLacks(fan, fans));
  const impossible = (part: keyof Wanted): boolean => lacks.some((lack) => lack.part === part);
  return {
    ...(powerMode !== undefined &&
      seen.powerMode !== undefined &&
      seen.powerMode !== powerMode && { powerMode: { before: seen.powerMode, after: powerMode } }),
    changes: [
      // All of a kind or none: a machine with one core at another clock is no condition that has a name.
      ...(impossible('governor') ? [] : governors).map(({ path, now }) => change('governor', path, now, governor!)),
      // First from its regulator: one that regulates takes no value.
      ...(impossible('fan') ? [] : fans).flatMap(({ path, now, regulator }) => [
        ...(regulator && regulator.now !== regulator.manual
          ? [change('fan', regulator.path, regulator.now, regulator.manual)]
          : []),
        ...(now === String(fan) && (!regulator || regulator.now === regulator.manual)
          ? []
          : [change('fan', path, now, String(fan))]),
      ]),
    ],
    lacks,
  };
}

const change = (part: Change['part'], path: string, before: string, after: string): Change => ({
  part,
  path,
  before,
  after,
});

function governorLacks(governor: string, governors: readonly GovernorSetting[]): Plan['lacks'] {
  const lack = (why: string, remedy: string): Plan['lacks'] => [
    { part: 'governor', what: `governor=${governor}: ${why}`, remedy },
  ];
  if (governors.length === 0)
    return lack(
      'no core has a frequency governor here',
      'leave governor out of --prepare: a virtual machine, or firmware, sets the clock',
    );
  const other = governors.find(({ available }) => available.length > 0 && !available.includes(governor));
  if (other) return lack(`the kernel has ${other.available.join(', ')}`, `--prepare governor=${other.available[0]}`);
  const closed = governors.find(({ now, writable }) => now !== governor && !writable);
  return closed
    ? lack(
        `/${closed.path} cannot be written`,
        `sudo chown "$USER" ${pattern(closed.path)}   (until the next boot; or run the agent as root)`,
      )
    : [];
}

function fanLacks(fan: number, fans: readonly FanSetting[]): Plan['lacks'] {
  const lack = (why: string, remedy: string): Plan['lacks'] => [{ part: 'fan', what: `fan=${fan}: ${why}`, remedy }];
  if (fans.length === 0) return lack('no fan can be set here', 'leave fan out of --prepare');
  const closed = fans
    .flatMap((one) => [one, ...(one.regulator ? [one.regulator] : [])])
    .find(({ writable }) => !writable);
  return closed
    ? lack(
        `/${closed.path} cannot be written`,
        `sudo chown "$USER" /${closed.path}   (until the next boot; or run the agent as root)`,
      )
    : [];
}

/** One line for all cores. */
const pattern = (path: string): string => `/${path.replace(/(policy|cpu)\d+/, '$1*')}`;
