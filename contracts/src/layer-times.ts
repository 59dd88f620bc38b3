import * as z from 'zod';
import { type PlanOpKind, planOps } from './plan-layout.js';

/** What `GET /api/v1/runs/:id/observations?kind=layer` answers: one row an operator of the plan, in order. */
export const LayerColumns = z.object({
  rows: z.number().int(),
  columns: z.object({ op: z.array(z.number()), ticks: z.array(z.number()), macs: z.array(z.number()) }),
});
export type LayerColumns = z.infer<typeof LayerColumns>;

/** One operator of a plan and the time a board took for it. */
export interface LayerTime {
  /** Place in the plan, from 1. */
  readonly step: number;
  /** The plan's name for the operator; its number where this version does not know it. */
  readonly kind: PlanOpKind | `op ${number}`;
  readonly ticks: number;
  readonly macs: number;
  /** Of the ticks of all operators, 0..1. */
  readonly share: number;
  /** Absent where the operator multiplies nothing. */
  readonly ticksPerMac?: number;
}

const kinds = new Map(Object.entries(planOps).map(([kind, { code }]) => [code as number, kind as PlanOpKind]));

/** Where the time of an inference goes, operator by operator, in the order of the plan. */
export function layerTimes({ columns: { op, ticks, macs } }: LayerColumns): LayerTime[] {
  const all = ticks.reduce((sum, each) => sum + each, 0);
  return op.map((code, i) => {
    const [spent, products] = [ticks[i]!, macs[i]!];
    return {
      step: i + 1,
      kind: kinds.get(code) ?? `op ${code}`,
      ticks: spent,
      macs: products,
      share: all > 0 ? spent / all : 0,
      ...(products > 0 && { ticksPerMac: spent / products }),
    };
  });
}
