/**
 * How well a text answers a query, 0 to 1; undefined: not at all. Every word of the query must be there: at best as the
 * beginning of the text, then of a word, then inside, then its letters in order (`jcan` finds `job cancel`).
 */
export function fuzzyScore(query: string, text: string): number | undefined {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const hay = text.toLowerCase();
  let total = 0;
  for (const word of words) {
    const score = wordScore(word, hay);
    if (score === undefined) return undefined;
    total += score;
  }
  return words.length === 0 ? 0 : total / words.length;
}

function wordScore(word: string, hay: string): number | undefined {
  const at = hay.indexOf(word);
  if (at === 0) return hay.length === word.length ? 1 : 0.95;
  if (at > 0) {
    const startsWord = hay.split(/[\s/_:.-]+/).some((part) => part.startsWith(word));
    return startsWord ? 0.85 : 0.6;
  }
  return isSpread(word, hay) ? 0.3 : undefined;
}

/** The letters in order with gaps, the first at the beginning of a word: anything looser matches everything. */
function isSpread(word: string, hay: string): boolean {
  if (word.length < 2) return false;
  for (let start = 0; start < hay.length; start++) {
    if (hay[start] !== word[0] || (start > 0 && !/[\s/_:.-]/.test(hay[start - 1]!))) continue;
    let at = start;
    let found = 1;
    while (found < word.length && at >= 0) {
      at = hay.indexOf(word[found]!, at + 1);
      if (at >= 0) found++;
    }
    if (found === word.length) return true;
  }
  return false;
}
