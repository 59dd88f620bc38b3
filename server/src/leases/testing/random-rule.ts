import { leaseAnswers, type Selector } from '@hilltop/contracts';
import type { Commander, LeaseRule } from '../lease-rules.js';
import type { Lease, LeaseState } from '../lease-state.js';
import { labelled, named, person, pipeline } from './lease-game.js';

export const players: readonly Commander[] = [
  person('Ana'),
  person('Mira'),
  person('Jo'),
  person('Root', true),
  pipeline('nightly'),
];

export const pick = <T>(all: readonly T[], random: () => number): T => all[Math.floor(random() * all.length)]!;

const anySelector = (devices: readonly string[], random: () => number): Selector => {
  const dice = random();
  if (dice < 0.5) return named(pick(devices, random));
  return dice < 0.65 ? named(pick(devices, random), pick(devices, random)) : labelled(pick(devices, random)[0]!);
};

const acts = ['take', 'release', 'ask', 'extend', 'handover', 'answer', 'force', 'take', 'ask', 'ask'] as const;

/** A command that a person, a pipeline, time or a broken connection might give next, sensible or not. */
export function randomRule(
  state: LeaseState,
  all: readonly Lease[],
  devices: readonly string[],
  position: number,
  random: () => number,
): LeaseRule {
  const by = pick(players, random);
  const dice = random();
  if (dice < 0.3 || all.length === 0)
    return {
      type: 'reserve',
      id: `rsv_${String(position).padStart(8, '0')}`,
      position,
      by,
      selector: anySelector(devices, random),
      forSeconds: pick([60, 400, 1800, 7200, 7201], random),
      ...(random() < 0.1 && { force: { reason: 'needed' } }),
    };
  if (dice < 0.33) return { type: 'disconnect', owner: by.owner };
  if (dice < 0.35) return { type: 'restart' };
  if (dice < 0.5) return { type: 'tick' };
  // Mostly of what is open, and mostly by whose it is: refusals are the smaller half.
  const lease = random() < 0.9 && state.leases.length > 0 ? pick(state.leases, random) : pick(all, random);
  const holder = players.find(({ owner }) => owner === lease.holder.owner)!;
  return {
    type: lease.ask && lease.ask.answer === undefined && random() < 0.4 ? 'answer' : pick(acts, random),
    id: lease.id,
    revision: random() < 0.85 ? lease.revision : Math.max(1, lease.revision - 1),
    by: random() < 0.6 ? holder : by,
    forSeconds: pick([60, 600, 7200], random),
    to: pick(players, random),
    answer: pick(leaseAnswers, random),
    reason: 'needed',
  } as LeaseRule;
}
