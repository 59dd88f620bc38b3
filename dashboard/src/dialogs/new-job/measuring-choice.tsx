import { type ProtocolName, ProtocolName as ProtocolNameSchema, protocolNames, protocols } from '@hilltop/contracts';
import { formatMetric } from '../../format/number.js';
import { Field } from '../../ui/field.js';
import { type JobDraft, threadsOf } from './job-draft.js';
import css from './new-job.module.css';
import { toggled } from './toggled.js';

export interface MeasuringChoiceProps {
  readonly draft: JobDraft;
  readonly change: (step: Partial<JobDraft>) => void;
  /** What can be chosen among; nothing where there is no choice. */
  readonly runtimes: readonly string[];
}

const uses = {
  quick: 'for a first look',
  standard: 'for decisions',
  strict: 'for publication',
} as const satisfies Record<ProtocolName, string>;

/** Protocol and run settings. */
export function MeasuringChoice({ draft, change, runtimes }: MeasuringChoiceProps) {
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
      {runtimes.length > 0 && (
        <fieldset className={css.section}>
          <legend className={css.legend}>Runtimes</legend>
          <p className="caption">
            {draft.runtimes.size === 0
              ? "None ticked: each device's first."
              : 'Each is a point of its own. A run on a device that lacks it fails and says so.'}
          </p>
          <ul className={css.devices}>
            {runtimes.map((runtime) => (
              <li key={runtime}>
                <label className={css.option}>
                  <input
                    type="checkbox"
                    checked={draft.runtimes.has(runtime)}
                    onChange={() => change({ runtimes: toggled(draft.runtimes, runtime) })}
                  />
                  <span>{runtime}</span>
                </label>
              </li>
            ))}
          </ul>
        </fieldset>
      )}
    </section>
  );
}
