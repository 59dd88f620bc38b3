import { Plus } from 'lucide-react';
import { useBlocked, useTopic, useValues } from '../app/lab-context.js';
import { useDialogs } from '../dialogs/dialogs-context.js';
import { formatBytes, formatMetric } from '../format/number.js';
import { Panel } from '../panels/panel.js';
import { Button } from '../ui/button.js';
import { Skeleton } from '../ui/empty.js';
import { Notice } from '../ui/notice.js';
import { useResolved } from '../ui/use-resolved.js';
import { useView } from '../view/use-view.js';
import { NotFoundScreen } from './not-found-screen.js';
import { ScreenHead } from './screen-head.js';

/** One model: what is worth shipping on which device. */
export function ModelScreen({ id }: { readonly id: string }) {
  const found = useResolved('model', id);
  const devices = useValues(useTopic('lab').entities.device);
  const hasBoards = devices.some((device) => device.kind === 'microcontroller');
  const blocked = useBlocked('operator');
  const { open } = useDialogs();
  const [view] = useView();
  if (found.state === 'waiting') return <Skeleton rows={6} />;
  if (found.state === 'missing') return <NotFoundScreen what={`The model ${id}`} />;
  const model = found.value;
  const subject = { modelId: model.id };
  return (
    <>
      <ScreenHead
        title={model.name}
        crumbs={[
          ['Lab', '/'],
          ['Models', '/models'],
        ]}
        actions={
          <Button
            blocked={blocked}
            icon={<Plus size={16} aria-hidden />}
            onClick={() => open('new-job', { modelId: model.id })}
          >
            Measure this model
          </Button>
        }
      >
        <span className="muted">
          {formatBytes(model.bytes)} · {formatMetric('parameters', model.parameters)} parameters
          {model.evaluation && ` · ${model.evaluation.items.toLocaleString('en')} evaluation items`}
          {model.validation && ` · ${model.validation.items.toLocaleString('en')} validation items`}
          {model.qualityMetric && ` · quality: ${model.qualityMetric}`}
        </span>
      </ScreenHead>
      {model.evaluation && !model.validation && (
        <Notice tone="warn">
          This model has no validation set: a sweep searches it by its evaluation set, so what it finds looks a little
          better there than it is. Push it with <code>--valid</code> to choose by data that nobody reports.
        </Notice>
      )}
      <Panel name="frontier" title="Frontiers" subject={subject} />
      {view.compare && <Panel name="compare" subject={subject} />}
      <Panel name="fleet" title="Fleet: the worst of all devices" subject={subject} />
      <Panel name="matrix" subject={subject} />
      <Panel name="variants" subject={subject} />
      <Panel name="lineage" subject={subject} />
      <Panel name="notes" subject={subject} />
      {hasBoards && <Panel name="memory-plan" subject={subject} />}
    </>
  );
}
