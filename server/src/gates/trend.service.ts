import { LabError, MetricId, type TrendQuery, type Trends } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { NightRuns } from './night-runs.js';
import { SweepNights } from './sweep-nights.js';
import { type TrendSweep, trendsOf } from './trends.js';

/** What changed over the nights, and when. */
@Injectable()
export class TrendService {
  constructor(
    private readonly sweeps: SweepNights,
    private readonly runs: NightRuns,
  ) {}

  /** Throws `request.invalid` for what is no metric or without a series, `sweep.unknown` where nothing has ended. */
  async of(query: TrendQuery): Promise<Trends> {
    const { sweep, schedule } = query;
    if ((sweep === undefined) === (schedule === undefined))
      throw new LabError('request.invalid', 'name the sweeps by ?sweep=NAME, or by ?schedule=ID', { path: 'sweep' });
    const nights = await this.sweeps.series(
      sweep === undefined ? { scheduleId: schedule! } : { name: sweep },
      query.nights,
    );
    const newest = nights.at(-1);
    if (!newest)
      throw new LabError(
        'sweep.unknown',
        'no sweep of that name or schedule has ended yet; `hilltop sweeps` lists them',
        {
          sweep,
          schedule,
        },
      );
    const metrics = query.metrics === undefined ? newest.objectives : query.metrics.split(',').map(metricOf);
    const read: TrendSweep[] = [];
    for (const night of nights) read.push({ id: night.id, at: night.at, runs: await this.runs.of(night) });
    return { items: trendsOf(read, metrics) };
  }
}

function metricOf(text: string): MetricId {
  const metric = MetricId.safeParse(text.trim());
  if (!metric.success)
    throw new LabError('request.invalid', `${JSON.stringify(text)} is no metric`, { path: 'metrics', metric: text });
  return metric.data;
}
