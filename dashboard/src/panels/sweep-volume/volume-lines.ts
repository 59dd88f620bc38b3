import type { Trial } from '@hilltop/contracts';
import { linearTicks, makeScale } from '../frontier/scale.js';

export interface VolumeLine {
  /** `<model> on <device>`. */
  readonly key: string;
  readonly name: string;
  /** Trial by trial, in the order in which they ended. */
  readonly steps: readonly { readonly trial: number; readonly hypervolume: number }[];
}

/** Hypervolume over trials, a line for each model on each device. */
export function volumeLines(trials: readonly Trial[], modelName: (id: string) => string): VolumeLine[] {
  const ended = trials
    .filter((trial) => trial.endedAt !== undefined && trial.hypervolume !== undefined)
    .sort((a, b) => a.endedAt!.localeCompare(b.endedAt!) || a.number - b.number);
  const models = new Set(ended.map(({ modelId }) => modelId));
  const lines = new Map<string, { name: string; steps: { trial: number; hypervolume: number }[] }>();
  for (const { modelId, deviceId, deviceName, hypervolume } of ended) {
    const key = `${modelId} ${deviceId}`;
    const line = lines.get(key) ?? {
      name: models.size > 1 ? `${modelName(modelId)} on ${deviceName}` : deviceName,
      steps: [],
    };
    line.steps.push({ trial: line.steps.length + 1, hypervolume: hypervolume! });
    lines.set(key, line);
  }
  return [...lines].map(([key, line]) => ({ key, ...line })).sort((a, b) => a.name.localeCompare(b.name));
}

export interface VolumePicture {
  readonly plot: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  readonly xTicks: readonly { readonly at: number; readonly label: string }[];
  readonly yTicks: readonly { readonly at: number; readonly label: string }[];
  readonly paths: readonly {
    readonly key: string;
    readonly name: string;
    readonly d: string;
    readonly end: { x: number; y: number };
  }[];
}

/** The lines in pixels: steps, since a volume stays until the next trial. Undefined without any. */
export function volumePicture(
  lines: readonly VolumeLine[],
  { width, height }: { readonly width: number; readonly height: number },
): VolumePicture | undefined {
  const most = Math.max(0, ...lines.map(({ steps }) => steps.length));
  if (most === 0 || width <= 0) return undefined;
  const plot = { left: 48, top: 12, right: width - 12, bottom: height - 40 };
  const values = lines.flatMap(({ steps }) => steps.map(({ hypervolume }) => hypervolume));
  const top = Math.max(...values) * 1.05 || 1;
  const x = makeScale('linear', [0, Math.max(2, most)], [plot.left, plot.right]);
  const y = makeScale('linear', [0, top], [plot.bottom, plot.top]);
  const tick = (at: number, value: number) => ({ at, label: String(Number(value.toPrecision(3))) });
  return {
    plot,
    xTicks: x
      .ticks(6)
      .filter(Number.isInteger)
      .map((value) => tick(x.at(value), value)),
    yTicks: linearTicks([0, top], 4).map((value) => tick(y.at(value), value)),
    paths: lines.map(({ key, name, steps }) => {
      const points = steps.map(({ trial, hypervolume }) => ({ x: x.at(trial), y: y.at(hypervolume) }));
      const [first, ...rest] = points;
      const n = (value: number): string => value.toFixed(1);
      const d = `M${n(first!.x)} ${n(first!.y)}${rest.map((point) => `H${n(point.x)}V${n(point.y)}`).join('')}`;
      return { key, name, d, end: points.at(-1)! };
    }),
  };
}
