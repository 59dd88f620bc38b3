import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LabError } from '@hilltop/contracts';

/** Folder that holds cli/, server/, agent/: the clone, or the folder the packages were installed to. */
const packages = new URL('../../../', import.meta.url);

const entry = (path: string): string => fileURLToPath(new URL(path, packages));

/** Where the other programs are. Both are started as processes and never imported. */
export const entryPoints = {
  coordinator: entry('server/dist/main.js'),
  agent: entry('agent/dist/main.js'),
  dashboard: entry('dashboard/dist/index.html'),
  /** Firmware that the emulated Raspberry Pi Pico runs. */
  picoImage: entry('firmware-bridge/firmware/prebuilt/pico.bin'),
  sampleModels: entry('examples/models'),
  sampleData: entry('examples/data'),
} as const;

/** The path, if it was built. Throws `runtime.missing` with the remedy. */
export function builtEntry(program: 'coordinator' | 'agent'): string {
  const path = entryPoints[program];
  if (!existsSync(path))
    throw new LabError('runtime.missing', `the ${program} is not built: run \`npm run setup\` in the clone`, { path });
  return path;
}
