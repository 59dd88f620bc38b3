import { LabError, type PlanFacts } from '@hilltop/contracts';

/** What a board has for a plan. */
export interface PlanRoom {
  /** RAM for plan and arena together, or for the arena alone where the plan lies in flash. */
  readonly ramBytes: number;
  /** Flash for plans, where the board keeps them there; absent: the plan takes RAM too. */
  readonly flashBytes?: number;
}

/** Whether a plan fits a board. Throws `plan.too-large` with details.need and details.have, in bytes. */
export function planFits(
  facts: Pick<PlanFacts, 'arenaBytes' | 'flashBytes'>,
  { ramBytes, flashBytes }: PlanRoom,
): void {
  const refuse = (what: string, need: number, have: number): never => {
    throw new LabError(
      'plan.too-large',
      `the model needs ${need} bytes ${what}, the board has ${have}: take a smaller variant (prune-channels) or a larger board`,
      { need, have, arenaBytes: facts.arenaBytes, planBytes: facts.flashBytes },
    );
  };
  const { arenaBytes, flashBytes: plan } = facts;
  if (flashBytes === undefined) {
    const need = plan + arenaBytes;
    if (need > ramBytes) refuse(`of RAM (plan ${plan}, arena ${arenaBytes})`, need, ramBytes);
    return;
  }
  if (plan > flashBytes) refuse('of flash for its plan', plan, flashBytes);
  if (arenaBytes > ramBytes) refuse('of RAM for its arena', arenaBytes, ramBytes);
}
