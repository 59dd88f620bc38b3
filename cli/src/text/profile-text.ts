import type { ProfiledLayer } from '@hilltop/contracts';
import type { Style } from './style.js';
import { table } from './table.js';
import { formatMs } from './units.js';

/** Columns of the longest bar. */
const barColumns = 20;
/** So many layers are printed; `--json` has them all. */
const printed = 10;

/** Where the time of an inference on a host goes: the longest layers, the longest first. '' where there is no profile. */
export function profileText(layers: readonly ProfiledLayer[], style: Style): string {
  const longest = [...layers].sort((a, b) => b.meanMs - a.meanMs).slice(0, printed);
  const most = longest[0]?.share ?? 0;
  if (longest.length === 0) return '';
  const rest = layers.length - longest.length;
  const share = 1 - longest.reduce((sum, layer) => sum + layer.share, 0);
  return (
    table(
      longest,
      [
        { title: 'Step', align: 'right', cell: ({ step }) => String(step) },
        { title: 'Layer', cell: ({ name }) => (name.length > 40 ? `${name.slice(0, 39)}…` : name) },
        { title: 'Operator', cell: ({ op }) => op },
        { title: 'On', cell: ({ provider }) => provider },
        { title: 'Time', align: 'right', cell: ({ meanMs }) => formatMs(meanMs) },
        { title: 'Share', align: 'right', cell: (layer) => `${(layer.share * 100).toFixed(1)} %` },
        {
          title: '',
          cell: (layer) => style.dim('█'.repeat(most > 0 ? Math.round((layer.share / most) * barColumns) : 0)),
        },
      ],
      style,
    ) + (rest > 0 ? style.dim(`and ${rest} shorter layers: ${(Math.max(0, share) * 100).toFixed(1)} %\n`) : '')
  );
}
