import { type Activity, type ActivityQuery, activities, LabError } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { decodeCursor, page } from '../access/page.js';
import { Database } from '../links/database.js';
import { ActivityEntity } from './activity.entity.js';

/** The record of who did what, newest first. */
@Injectable()
export class ActivityService {
  constructor(private readonly database: Database) {}

  async list(query: ActivityQuery): Promise<{ items: Activity[]; next?: string }> {
    const rows = this.database.reader.getRepository(ActivityEntity).createQueryBuilder('a').where('1 = 1');
    if (query.object !== undefined) rows.andWhere('a.objectId = :object', { object: query.object });
    if (query.by !== undefined) rows.andWhere('(a.owner = :by OR a.name = :by)', { by: query.by });
    if (query.cursor !== undefined) rows.andWhere('a.seq < :at', { at: seqOf(query.cursor) });
    const found = await rows
      .orderBy('a.seq', 'DESC')
      .limit(query.limit + 1)
      .getMany();
    return page(found, query.limit, (row) => ({ at: String(row.seq), id: row.route }), view);
  }
}

function view(row: ActivityEntity): Activity {
  const kind = activities[row.route] ?? { did: row.route, object: 'thing' };
  return {
    seq: row.seq,
    at: row.at,
    by: { owner: row.owner, name: row.name },
    did: kind.did,
    object: {
      kind: kind.object,
      ...(row.objectId !== null && { id: row.objectId }),
      ...(row.objectName !== null && { name: row.objectName }),
    },
    ...(row.objectId !== null && kind.link && { link: kind.link(row.objectId) }),
    ...(row.failed !== null && { failed: row.failed }),
  };
}

/** Throws `cursor.invalid`. */
function seqOf(cursor: string): number {
  const at = Number(decodeCursor(cursor).at);
  if (!Number.isSafeInteger(at))
    throw new LabError('cursor.invalid', 'this cursor is not one of ours; start again without it');
  return at;
}
