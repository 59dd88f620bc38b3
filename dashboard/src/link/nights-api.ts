import {
  Baseline,
  type BaselinePin,
  DuePreview,
  EnvironmentChanges,
  Gate,
  type GateDecisionWish,
  type GateRemeasure,
  type GateWish,
  Night,
  pageOf,
  type ReportFormat,
  Schedule,
  type ScheduleCreate,
  ScheduleStart,
  Sweep,
  type SweepFileInput,
  SweepPreview,
  Trends,
  Trial,
} from '@hilltop/contracts';
import * as z from 'zod';
import type { Api } from './api.js';
import { Nothing } from './rest.js';

const Nights = pageOf(Night);
const Trials = pageOf(Trial);
const Baselines = z.object({ items: z.array(Baseline) });
const at = encodeURIComponent;

/** Calls of the night's screens. Errors: LabError. */
export function nightsApi({ rest, bytes }: Pick<Api, 'rest' | 'bytes'>) {
  const post = <S extends z.ZodType>(path: string, schema: S, body: object = {}) =>
    rest(path, schema, { method: 'POST', body });
  return {
    schedule: (id: string) => rest(`schedules/${at(id)}`, Schedule),
    nights: async (id: string, limit: number) =>
      (await rest(`schedules/${at(id)}/nights`, Nights, { query: { limit: String(limit) } })).items,
    due: (rule: { cron: string; timezone: string }, signal: AbortSignal) =>
      rest('schedules/due', DuePreview, { query: rule, signal }),
    createSchedule: (wish: ScheduleCreate) => post('schedules', Schedule, wish),
    commandSchedule: (id: string, command: 'pause' | 'resume') => post(`schedules/${at(id)}/${command}`, Schedule),
    triggerSchedule: (id: string) => post(`schedules/${at(id)}/trigger`, ScheduleStart),
    removeSchedule: (id: string) => rest(`schedules/${at(id)}`, Nothing, { method: 'DELETE' }),
    gate: (id: string) => rest(`gates/${at(id)}`, Gate),
    environment: async (id: string, since?: string) =>
      (await rest(`gates/${at(id)}/environment`, EnvironmentChanges, { query: { since } })).items,
    trends: async (query: { schedule: string } | { sweep: string }, nights: number) =>
      (await rest('gates/trends', Trends, { query: { ...query, nights: String(nights) } })).items,
    decide: (id: string, row: number, wish: GateDecisionWish) =>
      post(`gates/${at(id)}/rows/${row}/decision`, Gate, wish),
    remeasure: (id: string, row: number, wish: GateRemeasure) =>
      post(`gates/${at(id)}/rows/${row}/remeasure`, Gate, wish),
    check: (wish: GateWish) => post('gates', Gate, wish),
    baselines: async () => (await rest('baselines', Baselines)).items,
    pin: (wish: BaselinePin) => post('baselines', Baseline, wish),
    report: (gateId: string, format: ReportFormat) => bytes(`gates/${at(gateId)}/report?format=${format}`),
    sweepReport: (sweepId: string, format: ReportFormat) => bytes(`sweeps/${at(sweepId)}/report?format=${format}`),
    preview: (file: SweepFileInput) => post('sweeps/preview', SweepPreview, { file }),
    createSweep: (file: SweepFileInput) => post('sweeps', Sweep, { file }),
    /** All of them, in order. */
    trials: async (sweepId: string): Promise<Trial[]> => {
      const trials: Trial[] = [];
      let cursor: string | undefined;
      do {
        const page = await rest(`sweeps/${at(sweepId)}/trials`, Trials, { query: { limit: '200', cursor } });
        trials.push(...page.items);
        cursor = page.next;
      } while (cursor !== undefined);
      return trials;
    },
  };
}

export type NightsApi = ReturnType<typeof nightsApi>;
