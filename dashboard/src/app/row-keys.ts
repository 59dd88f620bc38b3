/** Where `step` leads from `at` among `count`; -1 is before the first. It stops at the ends. */
export function nextRow(at: number, step: 1 | -1, count: number): number {
  if (count === 0) return -1;
  return at < 0 ? (step > 0 ? 0 : count - 1) : Math.max(0, Math.min(count - 1, at + step));
}

/** What opens a row: the first link in it. */
const rows = 'table tbody tr, [data-row], [data-panel] li';

/** Moves the focus to the link of the next or the previous row or card of a page; Enter is then the link's own. */
export function stepRow(page: Element | undefined, step: 1 | -1): void {
  const all = [...(page?.querySelectorAll(rows) ?? [])].filter((row) => row.querySelector('a[href]') !== null);
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const row = all[nextRow(at, step, all.length)];
  const link = row?.querySelector<HTMLElement>('a[href]');
  link?.focus();
  row?.scrollIntoView({ block: 'nearest' });
}
