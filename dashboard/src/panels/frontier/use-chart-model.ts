import type { Constraint, DeviceFrontier } from '@hilltop/contracts';
import { useMemo } from 'react';
import type { View } from '../../view/view.js';
import { type ChartModel, chartGeometry, constrained, type Domains } from './chart-model.js';

export interface ChartWish {
  readonly frontier: Pick<DeviceFrontier, 'points' | 'energy' | 'attainment'>;
  readonly view: Pick<View, 'x' | 'y' | 'z' | 'xscale' | 'yscale'>;
  readonly constraints: readonly Constraint[];
  readonly domains: Domains | undefined;
  /** Pixels; 0 while it is not known. */
  readonly width: number;
  readonly height: number;
}

/** The model of a chart. A step of a slider pays for the constraints alone: axes, marks and stairs stay as they are. */
export function useChartModel({
  frontier,
  view,
  constraints,
  domains,
  width,
  height,
}: ChartWish): ChartModel | undefined {
  const { points, energy, attainment } = frontier;
  const { x, y, z, xscale, yscale } = view;
  const geometry = useMemo(
    () =>
      width > 0
        ? chartGeometry({
            points,
            x,
            y,
            width,
            height,
            stairs: z ? 'omit' : 'draw',
            energy,
            attainment,
            scales: { x: xscale, y: yscale },
            ...(domains && { domains }),
          })
        : undefined,
    [points, energy, attainment, x, y, z, xscale, yscale, domains, width, height],
  );
  return useMemo(() => geometry && constrained(geometry, constraints), [geometry, constraints]);
}
