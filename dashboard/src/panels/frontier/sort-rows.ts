import type { MetricId } from '@hilltop/contracts';
import type { Mark } from './chart-model.js';

/** `order`: as the arrow keys go. */
export type SortColumn = 'order' | 'name' | 'status' | 'probability' | 'bytes' | MetricId;

export interface Sort {
  readonly column: SortColumn;
  readonly direction: 'up' | 'down';
}

const rank = { on: 0, uncertain: 1, dominated: 2 } as const;

/** The table's rows in an order; what was not measured comes last either way, equals stay in the order of the keys. */
export function sortRows(marks: readonly Mark[], { column, direction }: Sort): Mark[] {
  const inOrder = [...marks].sort(
    (a, b) =>
      Number(a.status === 'dominated') - Number(b.status === 'dominated') ||
      a.cx - b.cx ||
      b.cy - a.cy ||
      a.key.localeCompare(b.key),
  );
  if (column === 'order') return inOrder;
  const sign = direction === 'up' ? 1 : -1;
  const names = new Intl.Collator('en', { numeric: true });
  if (column === 'name') return inOrder.sort((a, b) => sign * names.compare(a.label, b.label));
  const value = (mark: Mark): number | undefined => {
    switch (column) {
      case 'status':
        return rank[mark.status];
      case 'probability':
        return mark.point.probability;
      case 'bytes':
        return mark.point.artifact.bytes;
      default:
        return mark.point.metrics[column]?.value;
    }
  };
  return inOrder.sort((a, b) => {
    const [va, vb] = [value(a), value(b)];
    if (va === undefined || vb === undefined) return Number(va === undefined) - Number(vb === undefined);
    return sign * (va - vb);
  });
}
