import type { Baseline, Gate, GateDecision, GateRow, GateSummary } from '@hilltop/contracts';
import type { BaselineEntity } from './baseline.entity.js';
import type { GateEntity } from './gate.entity.js';
import type { GateDecisionEntity } from './gate-decision.entity.js';
import { overall } from './verdict.js';

export function baselineView({ id, name, sweepId, sweepName, createdBy, createdAt }: BaselineEntity): Baseline {
  return { id, name, sweepId, sweepName, ...(createdBy !== null && { createdBy }), createdAt };
}

/** As lists show it. */
export function gateSummary(row: GateEntity): GateSummary {
  return {
    id: row.id,
    sweepId: row.sweepId,
    sweepName: row.sweepName,
    baselineId: row.baselineId,
    baselineName: row.baselineName,
    baselineSweepId: row.baselineSweepId,
    maxRegression: row.maxRegression,
    metrics: row.metrics,
    verdict: row.verdict,
    counts: row.counts,
    environment: row.environment,
    ...(row.createdBy !== null && { createdBy: row.createdBy }),
    createdAt: row.createdAt,
  };
}

/** Whole. */
export function gateView(row: GateEntity, decisions: readonly GateDecisionEntity[]): Gate {
  return { ...gateSummary(row), rows: decided(row.rows, decisions), missing: row.missing };
}

/** Rows with the newest decision of each. */
export function decided(rows: readonly GateRow[], decisions: readonly GateDecisionEntity[]): GateRow[] {
  const newest = new Map<number, GateDecisionEntity>();
  for (const decision of decisions)
    if ((newest.get(decision.row)?.n ?? 0) < decision.n) newest.set(decision.row, decision);
  return rows.map((row) => {
    const decision = newest.get(row.row);
    return decision ? { ...row, decision: decisionView(decision) } : row;
  });
}

function decisionView({ state, n, comment, jobId, decidedBy, decidedAt }: GateDecisionEntity): GateDecision {
  return {
    state,
    n,
    ...(comment !== null && { comment }),
    ...(jobId !== null && { jobId }),
    by: decidedBy,
    at: decidedAt,
  };
}

/** Verdict and counts over the rows that nobody accepted; what only this sweep has is no lack. */
export function standing({ rows, missing }: Pick<Gate, 'rows' | 'missing'>): Pick<GateSummary, 'verdict' | 'counts'> {
  const open = rows.filter(({ decision }) => decision?.state !== 'accepted').map(({ verdict }) => verdict);
  const lacking = missing.filter(({ in: where }) => where === 'sweep').length;
  const count = (verdict: GateRow['verdict']): number => open.filter((each) => each === verdict).length;
  return {
    verdict: overall(open, lacking),
    counts: {
      improved: count('improved'),
      same: count('same'),
      worse: count('worse'),
      inconclusive: count('inconclusive'),
      accepted: rows.length - open.length,
      missing: missing.length,
    },
  };
}
