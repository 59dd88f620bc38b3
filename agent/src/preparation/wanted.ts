import { cpuListText, parseCpuList } from './cpu-list.js';

/** What the operator allows to be changed for the length of a run; absent: it is left alone. */
export interface Wanted {
  /** Number of an nvpmodel power mode. */
  readonly powerMode?: number;
  /** Frequency governor of every core. */
  readonly governor?: string;
  /** Processors that the measured process may run on, in the kernel's shortest form: `2-3,6`. Changes nothing of the machine. */
  readonly affinity?: string;
  /** PWM of every fan, 0..255. */
  readonly fan?: number;
  readonly coolDown?: true;
  /** A run may choose a power mode or governor for itself. */
  readonly modes?: true;
}

const fullFan = 255;
/** As much as fits a run's environment with its name. */
const longestAffinity = 80;

/**
 * `governor,affinity=2-3,5,fan,power-mode=0,cool-down` -> what may be done; numbers after `affinity` belong to its list.
 * Throws a plain Error that names the bad part.
 */
export function parsePrepare(text: string): Wanted {
  const parts: string[] = [];
  for (const part of text.split(',').map((word) => word.trim())) {
    if (/^\d/.test(part) && parts.at(-1)?.startsWith('affinity=')) parts.push(`${parts.pop()},${part}`);
    else parts.push(part);
  }
  let wanted: Wanted = {};
  const seen = new Set<string>();
  for (const part of parts) {
    const [, key = '', value] = /^([a-z-]+)(?:=(.*))?$/.exec(part) ?? [];
    const more = Object.hasOwn(readers, key) ? readers[key as keyof typeof readers](value) : undefined;
    if (!more)
      throw new Error(
        `"${part}" is none of governor[=NAME], affinity=LIST, fan[=0..255], power-mode=N, cool-down, modes`,
      );
    if (seen.has(key)) throw new Error(`"${key}" is said twice`);
    seen.add(key);
    wanted = { ...wanted, ...more };
  }
  return wanted;
}

const readers = {
  governor: (value = 'performance') => (/^[a-z_]{1,15}$/.test(value) ? { governor: value } : undefined),
  affinity: (value = '') => {
    const cpus = parseCpuList(value);
    const affinity = cpus && cpuListText(cpus);
    return affinity && affinity.length <= longestAffinity ? { affinity } : undefined;
  },
  fan: (value = `${fullFan}`) =>
    /^\d{1,3}$/.test(value) && Number(value) <= fullFan ? { fan: Number(value) } : undefined,
  'power-mode': (value = '') => (/^\d{1,3}$/.test(value) ? { powerMode: Number(value) } : undefined),
  'cool-down': (value?: string) => (value === undefined ? ({ coolDown: true } as const) : undefined),
  modes: (value?: string) => (value === undefined ? ({ modes: true } as const) : undefined),
} satisfies Record<string, (value?: string) => Wanted | undefined>;

/** Each thing that is wanted, as it stands in a run's environment; a cool-down has its temperature there. */
export function wantedText({ powerMode, governor, fan, affinity, coolDown, modes }: Wanted): string[] {
  return [
    ...(powerMode === undefined ? [] : [`power-mode=${powerMode}`]),
    ...(governor === undefined ? [] : [`governor=${governor}`]),
    ...(fan === undefined ? [] : [`fan=${fan}`]),
    ...(affinity === undefined ? [] : [`affinity=${affinity}`]),
    ...(coolDown ? ['cool-down'] : []),
    ...(modes ? ['modes'] : []),
  ];
}

/** The options that allow the same again. */
export function prepareArgs(wanted: Wanted): string[] {
  const parts = wantedText(wanted);
  return parts.length > 0 ? ['--prepare', parts.join(',')] : [];
}
