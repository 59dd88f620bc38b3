import type { Constraint, FrontierPoint } from '@hilltop/contracts';
import { useState } from 'react';
import { defaultView } from '../../view/view.js';
import { FrontierChart } from './chart.js';
import { useChartModel } from './use-chart-model.js';

export interface BareChartProps {
  readonly points: readonly FrontierPoint[];
  readonly constraints: readonly Constraint[];
  readonly width: number;
  readonly height: number;
}

/** The chart of any points without a lab around it: what benches draw. */
export function BareChart({ points, constraints, width, height }: BareChartProps) {
  const [pinned, setPinned] = useState<string>();
  const [frontier, setFrontier] = useState({ points: [...points] });
  if (frontier.points.length !== points.length) setFrontier({ points: [...points] });
  const model = useChartModel({ frontier, view: defaultView, constraints, domains: undefined, width, height });
  if (!model) return null;
  return (
    <FrontierChart
      model={model}
      title="Frontier"
      emulated={false}
      pinned={pinned}
      onPin={setPinned}
      isCardHere={false}
    />
  );
}
