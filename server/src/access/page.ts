import { LabError } from '@hilltop/contracts';
import * as z from 'zod';

const Position = z.tuple([z.string().max(40), z.string().max(100)]);

/** Where a page ends: the sort value and the id of its last item, so that new items shift nothing. */
export interface PagePosition {
  readonly at: string;
  readonly id: string;
}

export function encodeCursor(position: PagePosition): string {
  return Buffer.from(JSON.stringify([position.at, position.id])).toString('base64url');
}

/** Throws `cursor.invalid`. */
export function decodeCursor(cursor: string): PagePosition {
  try {
    const [at, id] = Position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { at, id };
  } catch (error) {
    throw new LabError(
      'cursor.invalid',
      'this cursor is not one of ours; start again without it',
      {},
      { cause: error },
    );
  }
}

/** `rows` holds up to `limit + 1` rows: the extra one only says that there is a next page. */
export function page<Row, Item>(
  rows: readonly Row[],
  limit: number,
  position: (row: Row) => PagePosition,
  item: (row: Row) => Item,
): { items: Item[]; next?: string } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(item), ...(rows.length > limit && last && { next: encodeCursor(position(last)) }) };
}
