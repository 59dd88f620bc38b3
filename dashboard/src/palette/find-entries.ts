import { allows } from '@hilltop/contracts';
import type { Entry } from './entries.js';
import { fuzzyScore } from './fuzzy.js';
import type { Known } from './known.js';
import { lineEntries } from './line-entries.js';

/** So many rows are enough to choose from. */
const shownMost = 40;

/**
 * The rows that answer what was typed, best first; without a word what was chosen lately, then screens, actions, people.
 * After `>` it is a line of the CLI.
 */
export function findEntries(
  query: string,
  entries: readonly Entry[],
  recent: readonly string[],
  known: Known,
): readonly Entry[] {
  if (query.startsWith('>')) return lineEntries(query.slice(1).trimStart(), known).slice(0, shownMost);
  const ageOf = (id: string): number => (recent.includes(id) ? recent.indexOf(id) : recent.length);
  if (query.trim() === '') {
    const lately = recent.flatMap((id) => entries.filter((entry) => entry.id === id)).slice(0, 5);
    return [
      ...lately.map((entry) => ({ ...entry, group: 'Lately' })),
      ...entries.filter((entry) => !lately.includes(entry)),
    ].slice(0, shownMost);
  }
  const found = entries.flatMap((entry) => {
    const byTitle = fuzzyScore(query, entry.title);
    const byWords = fuzzyScore(query, `${entry.title} ${entry.words ?? ''} ${entry.detail ?? ''}`);
    const score = Math.max(byTitle ?? 0, (byWords ?? 0) * 0.5);
    return byTitle === undefined && (byWords === undefined || byWords < 0.6) ? [] : [{ entry, score }];
  });
  found.sort((a, b) => b.score - a.score || ageOf(a.entry.id) - ageOf(b.entry.id));
  return inGroups(found.slice(0, shownMost).map(({ entry }) => entry));
}

/** Groups stay together, in the order of their best row. */
function inGroups(entries: readonly Entry[]): readonly Entry[] {
  const groups = [...new Set(entries.map(({ group }) => group))];
  return groups.flatMap((group) => entries.filter((entry) => entry.group === group));
}

/** Why a row cannot be chosen now. `offline`: why nothing can be changed at all. */
export function blockedReason({ act, access }: Entry, { me }: Known, offline: string | undefined): string | undefined {
  if (act.kind === 'needs') return act.text;
  const writes = act.kind === 'call' || act.kind === 'open';
  if (!writes) return undefined;
  if (me && access !== undefined && !allows(me.role, access))
    return `You are signed in as ${me.role}; this needs ${access}.`;
  return offline;
}
