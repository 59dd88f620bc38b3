import { errorText, type SweepPreview } from '@hilltop/contracts';
import { useRef } from 'react';
import { stringify } from 'yaml';
import { useLab, useTopic, useValues } from '../../app/lab-context.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { sweepExamples } from './examples.js';
import { previewWords } from './preview-words.js';
import { errorLine } from './read-sweep-text.js';
import css from './sweep-file.module.css';
import type { useSweepFile } from './use-sweep-file.js';

export interface SweepFileFieldProps {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly state: ReturnType<typeof useSweepFile>;
}

/** A sweep file: an example, an earlier sweep's, a file from disk, or written here. Errors stand at the field. */
export function SweepFileField({ text, onText, state }: SweepFileFieldProps) {
  const { api } = useLab();
  const sweeps = useValues(useTopic('lab').entities.sweep);
  const input = useRef<HTMLInputElement>(null);
  const { errors, preview } = state;
  const choose = async (value: string): Promise<void> => {
    const example = Object.entries(sweepExamples).find(([name]) => name === value)?.[1];
    onText(example ?? stringify((await api.sweep(value)).file));
  };
  const first = errors[0];
  const refused = preview.isError ? errorText(preview.error) : undefined;
  return (
    <div className={css.field}>
      <div className={css.from}>
        <Field label="Begin with">
          {(control) => (
            <select {...control} value="" onChange={(event) => void choose(event.target.value)}>
              <option value="">An example or an earlier sweep…</option>
              <optgroup label="Examples">
                {Object.keys(sweepExamples).map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </optgroup>
              {sweeps.length > 0 && (
                <optgroup label="Earlier sweeps">
                  {[...sweeps]
                    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
                    .map(({ id, name, state: is }) => (
                      <option key={id} value={id}>
                        {name}, {is}
                      </option>
                    ))}
                </optgroup>
              )}
            </select>
          )}
        </Field>
        <Button onClick={() => input.current?.click()}>Choose a file</Button>
        <input
          ref={input}
          type="file"
          accept=".yaml,.yml,.json"
          className="hidden"
          tabIndex={-1}
          aria-label="Sweep file from disk"
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = '';
            if (file) void file.text().then(onText);
          }}
        />
      </div>
      <Field
        label="Sweep file"
        error={text.trim() === '' ? undefined : first ? errorLine(first) : refused}
        hint="YAML or JSON; every field: docs/sweeps.md."
      >
        {(control) => (
          <textarea
            {...control}
            className={`${control.className} ${css.text}`}
            rows={12}
            spellCheck={false}
            value={text}
            onChange={(event) => onText(event.target.value)}
          />
        )}
      </Field>
      {errors.length > 1 && text.trim() !== '' && (
        <ul className={css.more}>
          {errors.slice(1, 6).map((error) => (
            <li key={errorLine(error)}>{errorLine(error)}</li>
          ))}
        </ul>
      )}
      <div className={css.preview} role="status">
        {preview.data && state.file && <Preview preview={preview.data} />}
      </div>
    </div>
  );
}

function Preview({ preview }: { readonly preview: SweepPreview }) {
  return (
    <>
      <p data-testid="sweep-preview">
        <strong>{previewWords(preview)}.</strong>
      </p>
      <ul>
        {preview.places.map(({ deviceId, deviceName, modelName, points }) => (
          <li key={`${deviceId} ${modelName}`}>
            {modelName} on {deviceName}: {points} points
          </li>
        ))}
        {preview.leftOut.map(({ code, message, points }) => (
          <li key={`${code} ${message}`} className="muted">
            left out, {points} points: {message} <code>{code}</code>
          </li>
        ))}
      </ul>
    </>
  );
}
