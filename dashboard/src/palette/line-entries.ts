import { type Verb, verbs } from '@hilltop/contracts';
import type { Act } from './act.js';
import { type Entry, groupOf, verbEntry } from './entries.js';
import { fuzzyScore } from './fuzzy.js';
import { type Known, thingsOf } from './known.js';
import { readLine, shellQuote, verbRow } from './parse-line.js';
import { type VerbAct, verbActs } from './verb-acts.js';

/** The rows for a line that is being typed: how it goes on, and what it does as it stands. */
export function lineEntries(text: string, known: Known): readonly Entry[] {
  const read = readLine(text);
  if (read.verb === undefined || (!/\s$/.test(text) && read.rest.length === 0)) {
    const typed = read.verb ?? read.rest.join(' ');
    return (Object.keys(verbs) as Verb[])
      .flatMap((verb) => {
        const score = fuzzyScore(typed, verb);
        return score === undefined ? [] : [{ entry: verbEntry(verb, known), score }];
      })
      .sort((a, b) => b.score - a.score)
      .map(({ entry }) => entry);
  }
  const { verb, line, problem } = read;
  const row = verbRow(verb);
  const verbAct: VerbAct = verbActs[verb];
  const access = row.access && { access: row.access };
  const completions = completionsOf(verb, verbAct, read.rest, known);
  const act: Act = line ? verbAct.act(line, known) : { kind: 'needs', text: problem ?? '' };
  const asItStands: Entry = {
    id: `line:${text}`,
    group: act.kind === 'copy' ? 'In a terminal' : 'Command',
    title: act.kind === 'copy' ? act.line : `hilltop ${text.trim().replace(/^hilltop\s+/, '')}`,
    detail: act.kind === 'needs' ? `${act.text}. ${row.usage}` : row.summary,
    act,
    ...access,
  };
  const isNamed = completions.some(({ isExact }) => isExact);
  const rows = completions.map(({ entry }) => entry);
  // Half a name is completed first; a whole one acts first.
  return isNamed || rows.length === 0 ? [asItStands] : [...rows, asItStands];
}

function completionsOf(verb: Verb, { names, flag, fits, act }: VerbAct, rest: readonly string[], known: Known) {
  if (!names) return [];
  const typed = flag === undefined ? rest : rest[0] === flag ? rest.slice(1) : rest;
  // Only the first word is completed; behind it come options.
  if (typed.length > 1) return [];
  const [word = ''] = typed;
  if (word.startsWith('-')) return [];
  return thingsOf(names, known)
    .filter((thing) => fits?.(thing) ?? true)
    .flatMap((thing) => {
      const score = fuzzyScore(word, `${thing.title} ${thing.key}`);
      if (score === undefined) return [];
      const line = readLine([verb, ...(flag ? [flag] : []), shellQuote(thing.key)].join(' ')).line;
      const own: Act = line
        ? act(line, known)
        : { kind: 'fill', text: `>${verb} ${flag ? `${flag} ` : ''}${shellQuote(thing.key)} ` };
      const entry: Entry = {
        id: `line:${verb}:${thing.id}`,
        group: groupOf[names],
        title: thing.title,
        detail: own.kind === 'needs' ? own.text : thing.detail,
        act: own.kind === 'needs' ? { kind: 'fill', text: `>${verb} ${shellQuote(thing.key)} ` } : own,
        ...(verbRow(verb).access && { access: verbRow(verb).access! }),
      };
      return [{ entry, score, isExact: word === thing.key || word === thing.id || word === thing.title }];
    })
    .sort((a, b) => b.score - a.score);
}
