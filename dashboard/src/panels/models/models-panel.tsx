import { useMemo } from 'react';
import { Link } from 'wouter';
import { useTopic, useValues } from '../../app/lab-context.js';
import { formatBytes, formatMetric } from '../../format/number.js';
import { CopyLine } from '../../ui/copy-line.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import css from './models.module.css';

/** The models of the lab. */
export function ModelsPanel() {
  const topic = useTopic('lab');
  const all = useValues(topic.entities.model);
  const models = useMemo(() => [...all].sort((a, b) => b.createdAt.localeCompare(a.createdAt)), [all]);
  if (topic.phase === 'waiting') return <Skeleton />;
  if (models.length === 0) {
    return (
      <Empty>
        No model yet. Drop an .onnx file into “New job”, or push one from a terminal:
        <CopyLine
          label="command to push a model"
          text="hilltop models push net.onnx --eval eval.npz --calib calib.npz"
        />
      </Empty>
    );
  }
  return (
    <ul className={css.list}>
      {models.map((model) => (
        <li key={model.id} className={css.row}>
          <Link href={`/models/${model.name}`} className={css.name}>
            {model.name}
          </Link>
          <span className={css.detail}>
            {formatBytes(model.bytes)} · {formatMetric('parameters', model.parameters)} parameters ·{' '}
            {model.evaluation ? `${model.evaluation.items.toLocaleString('en')} evaluation items` : 'no evaluation set'}
          </span>
        </li>
      ))}
    </ul>
  );
}
