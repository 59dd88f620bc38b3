import { type RunState } from '@hilltop/contracts';
import { Counter, Histogram, type Registry } from 'prom-client';

/** What runs tell `/metrics`. */
export class RunMetrics {
  readonly transitions: Counter<'to'>;
  readonly staleFences: Counter;
  readonly claimsExpired: Counter;
  readonly inboxRecords: Counter;
  readonly inboxDuplicates: Counter;
  readonly observations: Counter;
  readonly artifactBytes: Counter<'encoding'>;
  readonly queueSeconds: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    this.transitions = new Counter({
      name: 'hilltop_run_transitions_total',
      help: 'Changes of state of runs',
      labelNames: ['to'],
      registers,
    });
    this.staleFences = new Counter({
      name: 'hilltop_stale_fence_total',
      help: 'Records about an attempt that does not count any more',
      registers,
    });
    this.claimsExpired = new Counter({ name: 'hilltop_claim_expired_total', help: 'Claims that ran out', registers });
    this.inboxRecords = new Counter({
      name: 'hilltop_inbox_records_total',
      help: 'Journal records applied',
      registers,
    });
    this.inboxDuplicates = new Counter({
      name: 'hilltop_inbox_duplicates_total',
      help: 'Journal records that had been applied before',
      registers,
    });
    this.observations = new Counter({
      name: 'hilltop_observations_total',
      help: 'Rows of observations stored',
      registers,
    });
    this.artifactBytes = new Counter({
      name: 'hilltop_artifact_bytes_total',
      help: 'Bytes of blobs sent to agents',
      labelNames: ['encoding'],
      registers,
    });
    this.queueSeconds = new Histogram({
      name: 'hilltop_run_queue_seconds',
      help: 'Time from submission to claim',
      buckets: [0.05, 0.1, 0.2, 0.5, 1, 5, 30, 120, 600, 3600],
      registers,
    });
  }

  moved(states: readonly RunState[]): void {
    for (const to of states) this.transitions.inc({ to });
  }
}
