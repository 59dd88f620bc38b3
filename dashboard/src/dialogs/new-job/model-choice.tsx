import { type Model, QualityMetric, qualityMetrics } from '@hilltop/contracts';
import { Upload } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import { formatBytes, formatShare } from '../../format/number.js';
import type { UploadProgress } from '../../link/upload-file.js';
import { Button } from '../../ui/button.js';
import { Field } from '../../ui/field.js';
import { Notice } from '../../ui/notice.js';
import { Progress } from '../../ui/progress.js';
import type { JobDraft } from './job-draft.js';
import css from './new-job.module.css';
import { type FileRole, fileRoles, modelNameOf, sortFiles } from './sort-files.js';

export interface ModelChoiceProps {
  readonly draft: JobDraft;
  readonly change: (step: Partial<JobDraft>) => void;
  readonly models: readonly Model[];
  readonly progress: Partial<Record<FileRole, UploadProgress>>;
  readonly isNameValid: boolean;
}

const roleWords = {
  model: 'Model',
  evaluation: 'Evaluation set',
  calibration: 'Calibration set',
  validation: 'Validation set',
} as const satisfies Record<FileRole, string>;
const roleUses = {
  model: '',
  evaluation: 'the quality that is reported',
  calibration: 'ranges for quantization',
  validation: 'choosing and screening',
} as const satisfies Record<FileRole, string>;

/** An existing model, or files that become one. */
export function ModelChoice({ draft, change, models, progress, isNameValid }: ModelChoiceProps) {
  const [refused, setRefused] = useState<readonly string[]>([]);
  const [isOver, setOver] = useState(false);
  const take = (dropped: readonly File[]): void => {
    const sorted = sortFiles(dropped, draft.files);
    setRefused(sorted.refused);
    const fresh = sorted.files.model !== draft.files.model && sorted.files.model;
    change({ modelId: undefined, files: sorted.files, ...(fresh && { modelName: modelNameOf(fresh.name) }) });
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    take([...event.dataTransfer.files]);
  };
  const without = (role: FileRole): void => {
    const { [role]: _gone, ...files } = draft.files;
    change({ files });
  };
  return (
    <section className={css.section} aria-label="Model">
      <h3>Model</h3>
      {models.length > 0 && (
        <Field label="Model of this lab">
          {(control) => (
            <select
              {...control}
              value={draft.modelId ?? ''}
              onChange={(event) => change({ modelId: event.target.value || undefined })}
            >
              <option value="">a new one, from files</option>
              {models.map((model) => (
                <option key={model.id} value={model.id}>
                  {model.name}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {draft.modelId === undefined && (
        <>
          <label
            className={css.drop}
            data-over={isOver || undefined}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={onDrop}
          >
            <Upload size={20} aria-hidden />
            <span>
              <strong>Drop one .onnx and its .npz files here</strong>, or choose them
            </span>
            <span className="caption">
              .npz holds x, and labels y. Without labels the quality is the agreement with fp32.
            </span>
            <input
              className="hidden"
              type="file"
              multiple
              accept=".onnx,.npz"
              onChange={(event) => take([...(event.target.files ?? [])])}
              data-testid="model-files"
            />
          </label>
          {refused.length > 0 && (
            <Notice tone="warn">Not taken: {refused.join(', ')}. The lab reads .onnx and .npz.</Notice>
          )}
          <ul className={css.files}>
            {fileRoles.flatMap((role) => {
              const file = draft.files[role];
              return file
                ? [
                    <FileRow
                      key={role}
                      role={role}
                      file={file}
                      progress={progress[role]}
                      onRemove={() => without(role)}
                    />,
                  ]
                : [];
            })}
          </ul>
          {draft.files.model && (
            <div className={css.pair}>
              <Field label="Name" error={isNameValid ? undefined : 'Start with a letter or digit.'}>
                {(control) => (
                  <input
                    {...control}
                    value={draft.modelName}
                    onChange={(event) => change({ modelName: event.target.value })}
                  />
                )}
              </Field>
              <Field label="Quality metric">
                {(control) => (
                  <select
                    {...control}
                    value={draft.metric ?? ''}
                    onChange={(event) => change({ metric: QualityMetric.safeParse(event.target.value).data })}
                  >
                    <option value="">as the data allows</option>
                    {qualityMetrics.map((metric) => (
                      <option key={metric}>{metric}</option>
                    ))}
                  </select>
                )}
              </Field>
            </div>
          )}
        </>
      )}
    </section>
  );
}

interface FileRowProps {
  readonly role: FileRole;
  readonly file: File;
  readonly progress: UploadProgress | undefined;
  readonly onRemove: () => void;
}

const stepWords = { hashing: 'SHA-256', sending: 'sending', done: 'there' } as const satisfies Record<
  UploadProgress['step'],
  string
>;

function FileRow({ role, file, progress, onRemove }: FileRowProps) {
  return (
    <li className={css.file}>
      <span className={css.role}>{roleWords[role]}</span>
      <span className={css.fileName}>{file.name}</span>
      <span className="muted">
        {progress
          ? `${stepWords[progress.step]} ${formatShare(progress.fraction)}`
          : `${formatBytes(file.size)}${roleUses[role] && `, ${roleUses[role]}`}`}
      </span>
      {progress ? (
        <Progress fraction={progress.fraction} label={`${stepWords[progress.step]} ${file.name}`} />
      ) : (
        <Button size="small" kind="quiet" onClick={onRemove} aria-label={`Remove ${file.name}`}>
          Remove
        </Button>
      )}
    </li>
  );
}
