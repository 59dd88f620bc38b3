import { Field } from '../../ui/field.js';
import type { JobDraft } from './job-draft.js';
import { type JobOptions, type OptionChoices, optionErrors, ranges } from './job-options.js';
import css from './new-job.module.css';
import { toggled } from './toggled.js';

export interface MoreOptionsProps {
  readonly draft: JobDraft;
  readonly change: (step: Partial<JobDraft>) => void;
  readonly choices: OptionChoices;
}

const numbers = {
  items: { label: 'Evaluation items', hint: 'Quality on the first so many only; empty: all.' },
  repeats: { label: 'Repeats', hint: 'Of a disturbed run, at most; empty: as the protocol has it.' },
  replicates: { label: 'Replicates', hint: 'Each is measured so often, in turn and back: A B B A.' },
  priority: { label: 'Priority', hint: '-10 to 10; the higher comes first where several wait.' },
} as const satisfies Record<keyof typeof ranges, { label: string; hint: string }>;

/** What the command line's `run` has beside the common choices. */
export function MoreOptions({ draft, change, choices }: MoreOptionsProps) {
  const { options } = draft;
  const set = (step: Partial<JobOptions>): void => change({ options: { ...options, ...step } });
  const errorOf = (step: Partial<JobOptions>): string | undefined =>
    optionErrors({ ...options, ...none, ...step })[0] && 'A whole number in its range.';
  const none = { batches: '', items: '', repeats: '', replicates: '', priority: '' };
  return (
    <details className={css.more}>
      <summary>More options</summary>
      <div className={css.section}>
        <Choice
          legend="Providers"
          offered={choices.providers}
          chosen={options.providers}
          onChange={(providers) => set({ providers })}
        />
        <Choice
          legend="Precision of TensorRT"
          offered={choices.precisions}
          chosen={options.precisions}
          onChange={(precisions) => set({ precisions })}
        />
        <Choice
          legend="Power modes"
          offered={choices.powerModes}
          chosen={options.powerModes}
          onChange={(powerModes) => set({ powerModes })}
        />
        <div className={css.pair}>
          <Field
            label="Batch"
            hint="Items of one inference, where the model's first axis is free; several with commas."
            error={errorOf({ batches: options.batches })}
          >
            {(control) => (
              <input {...control} value={options.batches} onChange={(event) => set({ batches: event.target.value })} />
            )}
          </Field>
          {(Object.keys(numbers) as (keyof typeof numbers)[]).map((key) => (
            <Field
              key={key}
              label={numbers[key].label}
              hint={numbers[key].hint}
              error={errorOf({ [key]: options[key] })}
            >
              {(control) => (
                <input {...control} value={options[key]} onChange={(event) => set({ [key]: event.target.value })} />
              )}
            </Field>
          ))}
        </div>
        {draft.protocol === 'strict' && (
          <label className={css.option}>
            <input
              type="checkbox"
              checked={options.official}
              onChange={(event) => set({ official: event.target.checked })}
            />
            <span>Official: LoadGen's 600 s</span>
          </label>
        )}
      </div>
    </details>
  );
}

interface ChoiceProps<T extends string> {
  readonly legend: string;
  readonly offered: readonly T[];
  readonly chosen: ReadonlySet<T>;
  readonly onChange: (chosen: ReadonlySet<T>) => void;
}

function Choice<T extends string>({ legend, offered, chosen, onChange }: ChoiceProps<T>) {
  if (offered.length === 0) return null;
  return (
    <fieldset className={css.section}>
      <legend className={css.legend}>{legend}</legend>
      <ul className={css.devices}>
        {offered.map((each) => (
          <li key={each}>
            <label className={css.option}>
              <input type="checkbox" checked={chosen.has(each)} onChange={() => onChange(toggled(chosen, each))} />
              <span>{each}</span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
