import { PowerMode } from '@hilltop/contracts';
import { boardFamily } from '../sensors/board.js';
import { readFile } from '../sensors/sysfs.js';
import { governors } from './look.js';
import type { Wanted } from './wanted.js';

/** What a mode means to this machine. */
export type ModeWish = Required<Pick<Wanted, 'governor'>> | Required<Pick<Wanted, 'powerMode'>>;

/** As many as a device's facts take. */
const mostModes = 32;

/**
 * Modes that a run could choose here, by name: a Jetson's power modes, elsewhere the governors that all cores have. Those whose names are none for a
 * run's settings are left out. Reads only.
 */
export function powerModes(root: string): ReadonlyMap<string, ModeWish> {
  const modes = boardFamily(root) === 'jetson' ? parseNvpmodelConf(readFile(root, 'etc/nvpmodel.conf')) : [];
  const found: Array<readonly [string, ModeWish]> =
    modes.length > 0
      ? modes.map(({ name, id }) => [name, { powerMode: id }] as const)
      : commonGovernors(root).map((governor) => [governor, { governor }] as const);
  return new Map(found.filter(([name]) => PowerMode.safeParse(name).success).slice(0, mostModes));
}

/** Lines such as `< POWER_MODEL ID=0 NAME=MAXN >` of nvpmodel's own configuration. */
export function parseNvpmodelConf(text: string | undefined): Array<{ readonly name: string; readonly id: number }> {
  return [...(text ?? '').matchAll(/^<\s*POWER_MODEL\s+ID=(\d{1,3})\s+NAME=(\S+)\s*>/gm)].map(([, id, name]) => ({
    name: name!,
    id: Number(id),
  }));
}

function commonGovernors(root: string): string[] {
  const [first, ...rest] = governors(root);
  return first?.available.filter((name) => rest.every(({ available }) => available.includes(name))) ?? [];
}
