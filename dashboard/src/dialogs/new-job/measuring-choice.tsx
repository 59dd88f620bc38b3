import { type ProtocolName, ProtocolName as ProtocolNameSchema, protocolNames, protocols } from '@hilltop/contracts';
import { formatMetric } from '../../format/number.js';
import { Field } from '../../ui/field.js';
import { type JobDraft, threadsOf } from './job-draft.js';
import css from './new-job.module.css';

export interface MeasuringChoiceProps {
  readonly draft: JobDraft;
  readonly change: (step: Partial<JobDraft>) => void;
}

const uses = {
  quick: 'for a first look',
  standard: 'for decisions',
  strict: 'for publication',
} as const satisfies Record<ProtocolName, string>;

/** Protocol and run settings. */
export function MeasuringChoice({ draft, change }: MeasuringChoiceProps) {
  const chosen = protocols[draft.protocol];
  return (
    <section className={css.section} aria-label="Measuring">
      <h3>Measuring</h3>
      <div className={css.pair}>
        <Field
          label="Protocol"
          hint={`${chosen.blocks} blocks, each a fresh process of at least ${formatMetric('load_ms', chosen.blockMinMs)}.`}
        >
          {(control) => (
            <select
              {...control}
              value={draft.protocol}
              onChange={(event) => change({ protocol: ProtocolNameSchema.parse(event.target.value) })}
            >
              {protocolNames.map((name) => (
                <option key={name} value={name}>
                  {name}, {uses[name]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field
          label="Threads"
          hint="Several with commas: each is a point of its own."
          error={threadsOf(draft.threads) ? undefined : 'Whole numbers, e.g. 1, 2.'}
        >
          {(control) => (
            <input
              {...control}
              inputMode="numeric"
              value={draft.threads}
              onChange={(event) => change({ threads: event.target.value })}
            />
          )}
        </Field>
      </div>
    </section>
  );
}
