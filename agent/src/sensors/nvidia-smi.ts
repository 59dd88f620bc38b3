import type { Sensor } from '@hilltop/contracts';
import { boardFamily } from './board.js';
import { nothing, triedTogether } from './plausible.js';
import type { Discover } from './sensor-source.js';
import { cleanLabel, parseDecimal, readFile } from './sysfs.js';

const fields = 'index,power.draw,temperature.gpu,clocks.sm,clocks_throttle_reasons.active';
const query = [`--query-gpu=${fields}`, '--format=csv,noheader,nounits'] as const;

export interface NvidiaRow {
  readonly index: number;
  /** W, °C, Hz; absent where it says N/A. */
  readonly power?: number;
  readonly temperature?: number;
  readonly clock?: number;
  /** Bits of NVML's clock event reasons. */
  readonly throttle?: number;
}

/** A line a GPU: `0, 25.31, 41, 1410, 0x0000000000000004`; `[N/A]` and `[Not Supported]` stand for nothing. */
export function parseNvidiaSmi(text: string | undefined): NvidiaRow[] {
  return (text ?? '').split('\n').flatMap((line): NvidiaRow[] => {
    const [index, power, temperature, mhz, reasons] = line.split(',').map((cell) => cell.trim());
    const number = parseDecimal(index);
    if (number === undefined || !Number.isInteger(number) || number < 0 || reasons === undefined) return [];
    const [watt, celsius, megahertz] = [power, temperature, mhz].map(parseDecimal);
    const bits = /^0x([0-9a-f]{1,16})$/i.exec(reasons)?.[1];
    return [
      {
        index: number,
        ...(watt !== undefined && { power: watt }),
        ...(celsius !== undefined && { temperature: celsius }),
        ...(megahertz !== undefined && { clock: megahertz * 1e6 }),
        ...(bits !== undefined && { throttle: Number.parseInt(bits, 16) }),
      },
    ];
  });
}

/** Its power is filtered over up to 1 s, by generation; and each reading costs a process. */
const updateMs = 1000;

/** Discrete NVIDIA GPUs: power, temperature, clock, reasons of throttling. On Tegra the tool measures nothing and is not asked. */
export const discoverNvidiaSmi: Discover = async ({ root, run }) => {
  if (boardFamily(root) === 'jetson') return nothing;
  const ask = async (): Promise<NvidiaRow[] | undefined> => {
    const rows = parseNvidiaSmi(await run('nvidia-smi', query));
    return rows.length > 0 ? rows : undefined;
  };
  const first = await ask();
  const base = { driver: 'nvidia-smi', scope: 'gpu', kind: 'sampled', updateMs } as const;
  const of = (index: number, rows: readonly NvidiaRow[]): NvidiaRow | undefined =>
    rows.find((row) => row.index === index);
  const rows = (first ?? []).flatMap(({ index }): Array<[Sensor, (rows: NvidiaRow[]) => number | undefined]> => {
    const id = `nvidia-smi/${index}`;
    return [
      [{ ...base, id: `${id}/power`, quantity: 'power', resolution: 0.01 }, (all) => of(index, all)?.power],
      [
        { ...base, id: `${id}/temperature`, quantity: 'temperature', resolution: 1 },
        (all) => of(index, all)?.temperature,
      ],
      [{ ...base, id: `${id}/clock`, quantity: 'frequency', resolution: 1e6 }, (all) => of(index, all)?.clock],
      [
        { ...base, id: `${id}/throttle`, quantity: 'state', label: 'clocks_throttle_reasons.active' },
        (all) => of(index, all)?.throttle,
      ],
    ];
  });
  const driver = cleanLabel(readFile(root, 'proc/driver/nvidia/version'));
  return {
    sources: triedTogether('nvidia-smi', first, ask, rows),
    lacks:
      driver && !first
        ? [
            {
              what: 'an NVIDIA driver is loaded and nvidia-smi does not answer',
              remedy: 'sudo apt-get install nvidia-utils',
            },
          ]
        : [],
  };
};
