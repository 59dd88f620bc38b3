import { boardFamily } from './board.js';
import { nothing, triedTogether } from './plausible.js';
import type { Discover, Surroundings } from './sensor-source.js';
import { cleanLabel } from './sysfs.js';

export interface NvPowerMode {
  readonly name: string;
  readonly id: number;
}

/** `nvpmodel -q`: `NV Power Mode: MAXN`, then a line with the number. */
export function parseNvpmodel(text: string | undefined): NvPowerMode | undefined {
  const match = /^NV Power Mode:[ \t]*(\S[^\r\n]*)\r?\n[ \t]*(\d{1,4})[ \t]*\r?$/m.exec(text ?? '');
  const name = cleanLabel(match?.[1]);
  return match && name ? { name: name.slice(0, 40), id: Number(match[2]) } : undefined;
}

/** The power mode that a Jetson is in; undefined elsewhere and where the tool does not answer. */
export async function askNvpmodel({ root, run }: Pick<Surroundings, 'root' | 'run'>): Promise<NvPowerMode | undefined> {
  return boardFamily(root) === 'jetson' ? parseNvpmodel(await run('nvpmodel', ['-q'])) : undefined;
}

/** A person changes the mode, nothing else; asking costs a process. */
const askMs = 10_000;

/** Number of a Jetson's power mode, its name as the label. */
export const discoverNvpmodel: Discover = async (around) => {
  if (boardFamily(around.root) !== 'jetson') return nothing;
  const mode = await askNvpmodel(around);
  return {
    sources: triedTogether('nvpmodel', mode, () => askNvpmodel(around), [
      [
        {
          id: 'nvpmodel/mode',
          driver: 'nvpmodel',
          quantity: 'state',
          scope: 'machine',
          ...(mode && { label: mode.name }),
          kind: 'sampled',
          updateMs: askMs,
        },
        ({ id }) => id,
      ],
    ]),
    lacks: mode
      ? []
      : [
          {
            what: 'nvpmodel does not answer: the power mode is not known',
            remedy: 'sudo apt-get install nvidia-l4t-nvpmodel',
          },
        ],
  };
};
