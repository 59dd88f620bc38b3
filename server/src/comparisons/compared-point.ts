import type { SummaryBasis } from '@hilltop/contracts';
import type { Candidate } from '../frontier/candidate.js';

/** A clean run of a point, with the job it was measured in. */
export interface JobRun {
  readonly runId: string;
  readonly jobId: string;
  /** Order of submission: a job measures its points in turn and back. */
  readonly position: number;
  readonly basis: SummaryBasis;
}

/** A point as it is compared: the run that counts for it on charts, and all clean ones of it, oldest first. */
export interface ComparedPoint {
  readonly key: string;
  readonly candidate: Candidate;
  readonly runs: readonly JobRun[];
}
