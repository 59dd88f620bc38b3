import type { Hello, Welcome } from '@hilltop/contracts';
import type { AttemptState } from './attempt.entity.js';

/** An attempt of the agent that is not over, or that was given up while nobody else took the run. */
export interface KnownAttempt {
  readonly runId: string;
  readonly fence: number;
  readonly deviceId: string;
  readonly state: AttemptState;
  /** The run is to stop. */
  readonly cancelReason: string | null;
}

export interface Reconciliation {
  readonly continue: Welcome['continue'];
  readonly abort: Welcome['abort'];
  /** Given up, but the agent still works on it and nobody else does: it counts again. */
  readonly adopt: KnownAttempt[];
  /** Granted, but the agent never saw the start. */
  readonly resend: KnownAttempt[];
  /** Granted and seen, but no longer worked on: the attempt is over. */
  readonly interrupted: KnownAttempt[];
}

type Said = Pick<Hello, 'running' | 'maxFence' | 'lastSeq'>;

/**
 * What the agent says it does against what the database says it holds. While the agent still has records the
 * coordinator has not seen, silence about a run proves nothing: its end may be among them.
 */
export function reconcile(
  said: Said,
  nextSeq: number,
  held: readonly KnownAttempt[],
  adoptable: readonly KnownAttempt[],
): Reconciliation {
  const answer = { continue: [], abort: [], adopt: [], resend: [], interrupted: [] } as {
    -readonly [K in keyof Reconciliation]: Reconciliation[K];
  };
  const same = (claim: { runId: string; fence: number }) => (known: KnownAttempt) =>
    known.runId === claim.runId && known.fence === claim.fence;
  for (const claim of said.running) {
    const known = held.find(same(claim));
    const given = adoptable.find(same(claim));
    if (known && known.cancelReason !== null) answer.abort.push({ ...claim, reason: known.cancelReason });
    else if (known || given) answer.continue.push({ ...claim });
    else answer.abort.push({ ...claim, reason: 'the lab gave the run to a newer attempt, or ended it' });
    if (!known && given) answer.adopt.push(given);
  }
  const journalOpen = said.lastSeq >= nextSeq;
  for (const known of held) {
    // `reporting`: the agent has done its part.
    if (known.state === 'reporting' || said.running.some((claim) => same(claim)(known))) continue;
    const unseen = (said.maxFence[known.deviceId] ?? 0) < known.fence;
    if (unseen && known.state === 'claimed') answer.resend.push(known);
    // Begun, and yet unseen: the agent was set back. What it does now must not be mixed with what came before.
    else if (unseen || !journalOpen) answer.interrupted.push(known);
  }
  return answer;
}
