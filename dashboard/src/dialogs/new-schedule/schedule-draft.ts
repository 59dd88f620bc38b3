import { CronRule, Name, type ScheduleCreate, type SweepFileInput } from '@hilltop/contracts';

export interface ScheduleDraft {
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly baseline: string;
  /** In percent, as it is typed. */
  readonly maxRegression: string;
  readonly missed: 'skip' | 'once';
}

export interface DraftErrors {
  readonly name?: string;
  readonly cron?: string;
  readonly maxRegression?: string;
}

/** What is wrong, by field; a field that is still empty is not wrong yet, but see `scheduleOf`. Pure. */
export function draftErrors({ name, cron, baseline, maxRegression }: ScheduleDraft): DraftErrors {
  const share = Number(maxRegression.replace(',', '.'));
  return {
    ...(name.trim() !== '' && !Name.safeParse(name.trim()).success && { name: 'It starts with a letter or digit.' }),
    ...(!CronRule.safeParse(cron).success && {
      cron: 'Five fields: minute, hour, day of month, month, weekday, such as 0 2 * * *.',
    }),
    ...(baseline !== '' &&
      !(maxRegression.trim() !== '' && share >= 0 && share <= 100) && {
        maxRegression: 'A number of percent, 0 to 100.',
      }),
  };
}

/** What the lab is asked for; undefined while something is missing or wrong. Pure. */
export function scheduleOf(draft: ScheduleDraft, file: SweepFileInput | undefined): ScheduleCreate | undefined {
  const { name, cron, timezone, baseline, maxRegression, missed } = draft;
  if (name.trim() === '' || file === undefined || Object.keys(draftErrors(draft)).length > 0) return undefined;
  return {
    name: name.trim(),
    cron: cron.trim(),
    timezone,
    file,
    missed,
    ...(baseline !== '' && {
      baseline,
      maxRegression: Number((Number(maxRegression.replace(',', '.')) / 100).toPrecision(12)),
    }),
  };
}
