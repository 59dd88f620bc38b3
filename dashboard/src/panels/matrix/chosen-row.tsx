import { Link } from 'wouter';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { Button } from '../../ui/button.js';
import { selectPoint } from '../../view/select-point.js';
import type { View } from '../../view/view.js';
import css from './matrix.module.css';
import type { Matrix, MatrixRow } from './matrix-model.js';

export interface ChosenRowProps {
  readonly row: MatrixRow;
  readonly devices: Matrix['devices'];
  readonly modelId: string;
  readonly view: View;
  readonly change: (step: Partial<View>) => void;
}

/** What can be done with the chosen variant: its runs, comparing, its lineage, taking it home. */
export function ChosenRow({ row, devices, modelId, view, change }: ChosenRowProps) {
  const { open } = useDialogs();
  const isCompared = (view.compare ?? []).includes(row.key);
  return (
    <section className={css.chosen} aria-label={`Chosen: ${row.label}`}>
      <strong>{row.label}</strong>
      {row.cells.map(
        ({ runId }, i) =>
          runId && (
            <Link key={devices[i]!.id} href={`/runs/${runId}`}>
              run on {devices[i]!.name}
            </Link>
          ),
      )}
      <Button size="small" aria-pressed={isCompared} onClick={() => change(selectPoint(view, row.key, 'toggle'))}>
        {isCompared ? 'Out of the comparison' : 'Compare'}
      </Button>
      <Button size="small" onClick={() => change({ variant: row.recipe })}>
        Lineage
      </Button>
      <Button size="small" onClick={() => open('take-home', { modelId, variantId: row.variant })}>
        Take home
      </Button>
      <Button size="small" kind="quiet" onClick={() => change({ sel: undefined })}>
        Let go
      </Button>
    </section>
  );
}
