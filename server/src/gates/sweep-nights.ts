import type { MetricId, ProtocolName, SweepState } from '@hilltop/contracts';

/** What a gate must know of a sweep. */
export interface SweepNight {
  readonly id: string;
  readonly name: string;
  readonly state: SweepState;
  /** Under which its results count. */
  readonly protocol: ProtocolName;
  /** Recipe of its control. */
  readonly control: string;
  readonly objectives: readonly MetricId[];
  readonly scheduleId?: string;
  /** When it ended, or was made. */
  readonly at: string;
}

/** Which runs are a sweep's: those of the jobs of its trials, each of which has its own. */
export interface NightTrial {
  readonly jobId: string;
  readonly control: boolean;
}

/** Sweeps as gates read them. */
export abstract class SweepNights {
  /** By id, or the newest ended one of that name; undefined: there is none. */
  abstract find(idOrName: string): Promise<SweepNight | undefined>;
  /** The newest ended ones of a name or a schedule, oldest first. */
  abstract series(of: { name?: string; scheduleId?: string }, most: number): Promise<SweepNight[]>;
  /** Trials that have a job. */
  abstract trials(sweepId: string): Promise<NightTrial[]>;
}
