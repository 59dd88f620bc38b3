import type { EvidenceItem } from '@hilltop/contracts';

const rank = { ok: 0, soft: 1, hard: 2 } as const satisfies Record<EvidenceItem['level'], number>;

/** The worst item of each signal over all blocks, the worst signal first. */
export function worstEvidence(evidence: readonly EvidenceItem[]): EvidenceItem[] {
  const worst = new Map<string, EvidenceItem>();
  for (const item of evidence) {
    const before = worst.get(item.signal);
    const isWorse =
      !before ||
      rank[item.level] > rank[before.level] ||
      (rank[item.level] === rank[before.level] && Math.abs(item.value) > Math.abs(before.value));
    if (isWorse) worst.set(item.signal, item);
  }
  return [...worst.values()].sort((a, b) => rank[b.level] - rank[a.level] || a.signal.localeCompare(b.signal));
}
