import type { Figure } from './bench.js';
import { type AnchorCpu, cmsisNn } from './kernel-anchors.js';
import type { KernelName } from './kernel-shapes.js';

/** One layer on one processor. */
export interface LayerCount {
  readonly cpu: string;
  /** As the firmware says it. */
  readonly cpuName: string;
  readonly unit: 'instructions' | 'cycles';
  readonly kernel: KernelName;
  readonly title: string;
  /** Instructions or cycles of one inference. */
  readonly count: number;
  readonly macs: number;
}

/** `per-mac`: held per real multiply-accumulate; `total`: held against CMSIS-NN's own number. */
const bounds = [
  { cpuName: 'cortex-m4', kernel: 'conv', per: 'mac', most: 2.6 },
  { cpuName: 'cortex-m4', kernel: 'dense', per: 'mac', most: 2.2 },
  { cpuName: 'cortex-m4', kernel: 'depthwise', per: 'layer', most: cmsisNn['cortex-m4'].depthwise },
  { cpuName: 'cortex-m0plus', kernel: 'conv', per: 'mac', most: 11.6 },
] as const satisfies readonly { cpuName: AnchorCpu; kernel: KernelName; per: 'mac' | 'layer'; most: number }[];

const isAnchorCpu = (cpu: string): cpu is AnchorCpu => Object.hasOwn(cmsisNn, cpu);

/** `41.5 % fewer than CMSIS-NN`; `2.4 % more than CMSIS-NN`; nothing where there is no figure of it. */
export function againstAnchor({ cpuName, kernel, count }: LayerCount): string | undefined {
  if (!isAnchorCpu(cpuName)) return undefined;
  const share = count / cmsisNn[cpuName][kernel];
  const percent = (Math.abs(share - 1) * 100).toFixed(1);
  return `${percent} % ${share <= 1 ? 'fewer' : 'more'} than CMSIS-NN`;
}

/** A layer's figures: those with a bound first, as the table of the README wants them. */
export function layerFigures(counts: readonly LayerCount[]): readonly Figure[] {
  const figures = counts.map((layer): Figure => {
    const bound = bounds.find((b) => b.cpuName === layer.cpuName && b.kernel === layer.kernel);
    const compared = againstAnchor(layer);
    const what = `${layer.title} on ${layer.cpu}${compared ? ` (${compared})` : ''}`;
    const held = bound && { bound: { op: '<=', value: bound.most } as const };
    return bound?.per === 'layer'
      ? { what, value: layer.count, unit: layer.unit, ...held }
      : { what, value: layer.count / layer.macs, unit: `${layer.unit}/MAC`, ...held };
  });
  return [...figures.filter(({ bound }) => bound), ...figures.filter(({ bound }) => !bound)];
}

/** How many of some values are not what the first is. */
export function deviating(values: readonly unknown[]): number {
  const first = JSON.stringify(values[0]);
  return values.filter((value) => JSON.stringify(value) !== first).length;
}
