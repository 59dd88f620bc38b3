import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that looks like a machine with so many thermal zones, a file each. */
export function sensorTree(zones: number): { readonly root: string; readonly remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'hilltop-sensors-'));
  for (let i = 0; i < zones; i++) {
    const zone = join(root, 'sys/class/thermal', `thermal_zone${i}`);
    mkdirSync(zone, { recursive: true });
    writeFileSync(join(zone, 'type'), `zone${i}-thermal\n`);
    writeFileSync(join(zone, 'temp'), `${40_000 + 500 * i}\n`);
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
