import type { Activity } from '@hilltop/contracts';

/** What one person did of one kind, without anything else of theirs between; the newest first. */
export interface ActivityGroup {
  readonly items: readonly [Activity, ...Activity[]];
}

/** What lies further apart was done on purpose, each by itself. */
const togetherMs = 15 * 60_000;

/** Newest first, as the lab lists them. What failed stands alone. */
export function groupActivities(all: readonly Activity[]): readonly ActivityGroup[] {
  const groups: { items: [Activity, ...Activity[]] }[] = [];
  const open = new Map<string, { items: [Activity, ...Activity[]] }>();
  for (const each of all) {
    const group = open.get(each.by.owner);
    if (group && belongs(group.items, each)) {
      group.items.push(each);
      continue;
    }
    const own: { items: [Activity, ...Activity[]] } = { items: [each] };
    groups.push(own);
    open.set(each.by.owner, own);
  }
  return groups;
}

function belongs(items: readonly [Activity, ...Activity[]], each: Activity): boolean {
  const last = items[items.length - 1]!;
  return (
    last.did === each.did &&
    last.failed === undefined &&
    each.failed === undefined &&
    Date.parse(last.at) - Date.parse(each.at) <= togetherMs
  );
}

/** `submitted 12 jobs` of `submitted a job`; one stays as it is. */
export function didText(did: string, count: number): string {
  if (count === 1) return did;
  const match = /^(.*) an? (\w+)$/.exec(did);
  return match ? `${match[1]} ${count} ${plural(match[2]!)}` : `${did}, ${count} times`;
}

const plural = (noun: string): string => (noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`);
