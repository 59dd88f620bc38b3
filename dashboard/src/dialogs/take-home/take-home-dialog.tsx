import { errorText, type Model, planToC, readPlan, type Variant } from '@hilltop/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useLab, useTopic, useValues } from '../../app/lab-context.js';
import { formatBytes, formatMetric } from '../../format/number.js';
import { saveBlob } from '../../link/save-blob.js';
import { Button } from '../../ui/button.js';
import { CopyButton } from '../../ui/copy-button.js';
import { CopyLine } from '../../ui/copy-line.js';
import { Skeleton } from '../../ui/empty.js';
import { Facts } from '../../ui/facts.js';
import { Field } from '../../ui/field.js';
import { Modal } from '../../ui/modal.js';
import { ErrorNotice, Notice } from '../../ui/notice.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import type { DialogProps } from '../dialogs-context.js';
import { checkedBytes } from './checked-bytes.js';
import css from './take-home.module.css';
import {
  artifactCli,
  borderText,
  type Format,
  type FormatRow,
  formatsOf,
  loadLines,
  tensorText,
} from './take-home-model.js';

/** A chosen variant: what it is, why, its file with the hash it is checked against, and how to load it. */
export function TakeHomeDialog({ start, onClose }: DialogProps) {
  const [modelId, setModelId] = useState(start.modelId);
  const [variantId, setVariantId] = useState(start.variantId);
  const models = useValues(useTopic('lab').entities.model);
  const topic = useTopic(modelId ? `model/${modelId}` : undefined);
  const variants = useValues(topic.entities.variant);
  const model = models.find(({ id }) => id === modelId);
  const variant = variants.find(({ id }) => id === variantId);
  return (
    <Modal
      title={variant ? `Take ${variant.recipe} home` : 'Take home'}
      description="The file itself, checked against its SHA-256 before it is kept."
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      {start.modelId === undefined && (
        <Choice
          label="Model"
          chosen={modelId}
          rows={models.map(({ id, name }) => [id, name])}
          onChoose={(id) => {
            setModelId(id);
            setVariantId(undefined);
          }}
        />
      )}
      {start.variantId === undefined && model && (
        <Choice
          label="Variant"
          chosen={variantId}
          rows={variants.map(({ id, recipe }) => [id, recipe])}
          onChoose={setVariantId}
        />
      )}
      {variant && model ? (
        <Chosen key={variant.id} variant={variant} model={model} reason={start.reason} />
      ) : variantId === undefined ? null : topic.phase === 'waiting' ? (
        <Skeleton rows={5} />
      ) : (
        <Notice tone="warn">This variant is not in the lab any more.</Notice>
      )}
    </Modal>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly chosen: string | undefined;
  readonly rows: readonly (readonly [id: string, name: string])[];
  readonly onChoose: (id: string | undefined) => void;
}

function Choice({ label, chosen, rows, onChoose }: ChoiceProps) {
  return (
    <Field label={label} layout="inline">
      {(control) => (
        <select {...control} value={chosen ?? ''} onChange={(event) => onChoose(event.target.value || undefined)}>
          <option value="">choose</option>
          {rows.map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface ChosenProps {
  readonly variant: Variant;
  readonly model: Model;
  readonly reason: string | undefined;
}

function Chosen({ variant, model, reason }: ChosenProps) {
  const { api } = useLab();
  const [format, setFormat] = useState<Format>('onnx');
  const plan = useMutation({ mutationFn: () => api.plan(variant.id) });
  const rows = formatsOf(variant, model, plan.data);
  const row = rows.find((each) => each.format === format)!;
  const { parameters, macs } = variant.metrics;
  return (
    <>
      {reason && <p className={css.why}>{reason}</p>}
      <Facts
        rows={[
          ['Model', model.name],
          [
            'Passes',
            variant.steps
              .map(({ pass }) => pass)
              .filter((pass) => pass !== 'screening')
              .join(' → ') || undefined,
          ],
          ['Size', row.source && formatBytes(row.source.bytes)],
          ['Parameters', parameters && formatMetric('parameters', parameters.value)],
          ['Multiply-accumulates', macs && formatMetric('macs', macs.value)],
        ]}
      />
      <fieldset className={css.formats}>
        <legend>As</legend>
        {rows.map((each) => (
          <label key={each.format} className={css.format}>
            <input
              type="radio"
              name="format"
              value={each.format}
              checked={each.format === format}
              disabled={each.blocked !== undefined}
              onChange={() => setFormat(each.format)}
            />
            {each.title}
            {each.blocked !== undefined && <span className="caption">{each.blocked}</span>}
          </label>
        ))}
      </fieldset>
      {row.source ? (
        <FileOf row={{ ...row, source: row.source }} model={model} variant={variant} />
      ) : (
        row.blocked === undefined && (
          <Button disabled={plan.isPending} onClick={() => plan.mutate()}>
            {plan.isPending ? 'Making the plan' : 'Make the plan'}
          </Button>
        )
      )}
      {plan.isError && <ErrorNotice error={plan.error} onRetry={() => plan.mutate()} />}
    </>
  );
}

interface FileOfProps {
  readonly row: FormatRow & Required<Pick<FormatRow, 'source'>>;
  readonly model: Model;
  readonly variant: Variant;
}

function FileOf({ row, model, variant }: FileOfProps) {
  const { api } = useLab();
  const { source, format, fileName } = row;
  const fetched = (): Promise<Uint8Array<ArrayBuffer>> => checkedBytes(source.sha256, api.artifact);
  const save = useMutation({
    mutationFn: fetched,
    onSuccess: (bytes) =>
      saveBlob(new Blob([format === 'c' ? planToC(bytes, `${model.name}-${variant.recipe}`) : bytes]), fileName),
  });
  const borders = useQuery({
    queryKey: ['plan-borders', source.sha256],
    queryFn: async () => readPlan(await fetched()),
    enabled: format !== 'onnx',
    staleTime: Number.POSITIVE_INFINITY,
  });
  const cli = artifactCli(variant.id, row);
  const lines = loadLines(row, model, variant.recipe);
  const plan = format === 'onnx' ? undefined : borders.data;
  return (
    <>
      <Facts
        rows={[
          [
            format === 'c' ? 'SHA-256 of the plan' : 'SHA-256',
            <span key="sha" className={css.sha} data-testid="take-home-sha256">
              {source.sha256}
            </span>,
          ],
          ['Arena to set aside', plan && formatBytes(plan.arenaBytes)],
          ['Input', plan ? plan.inputs.map(borderText).join('; ') : model.inputs.map(tensorText).join('; ')],
          ['Output', plan ? plan.outputs.map(borderText).join('; ') : model.outputs.map(tensorText).join('; ')],
        ]}
      />
      <div>
        <Button
          kind="primary"
          icon={<Download size={16} aria-hidden />}
          disabled={save.isPending}
          onClick={() => save.mutate()}
        >
          {save.isPending ? 'Fetching and checking' : `Download ${fileName}`}
        </Button>
      </div>
      <p role="status" className="caption">
        {save.isSuccess && 'Checked against its SHA-256 and handed to the browser.'}
        {save.isError && errorText(save.error)}
      </p>
      <CopyLine label="the CLI line that takes it home" text={cli} />
      <h3>To load it</h3>
      <ScrollBox label="lines that load it">
        <pre className={css.lines}>{lines}</pre>
      </ScrollBox>
      <div>
        <CopyButton text={lines} label="the lines that load it" kind="quiet" />
      </div>
    </>
  );
}
