import { type DataSet, Model } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { table } from '../text/table.js';
import { formatAge, formatBytes, formatMetric } from '../text/units.js';

/** Lists the models. */
export async function models(context: Context): Promise<void> {
  const { style, terminal } = context;
  const all = await context.lab.list<Model>('/api/v1/models', Model);
  const items = (set: DataSet | undefined): string | undefined =>
    set && `${set.items}${set.labelled ? '' : ' (no labels)'}`;
  context.answer(all, () =>
    all.length === 0
      ? 'no models: `hilltop models push FILE.onnx --eval E.npz` uploads one\n'
      : table(
          all,
          [
            { title: 'Model', cell: (model) => model.name },
            { title: 'Size', align: 'right', cell: (model) => formatBytes(model.bytes) },
            { title: 'Parameters', align: 'right', cell: (model) => formatMetric('parameters', model.parameters) },
            { title: 'Quality', cell: (model) => model.qualityMetric },
            { title: 'Evaluation', align: 'right', cell: (model) => items(model.evaluation) },
            { title: 'Validation', align: 'right', cell: (model) => items(model.validation) },
            { title: 'Calibration', align: 'right', cell: (model) => items(model.calibration) },
            { title: 'Pushed', cell: (model) => formatAge(model.createdAt, terminal.now()) },
            { title: 'Id', cell: (model) => style.dim(model.id) },
          ],
          style,
        ),
  );
}
