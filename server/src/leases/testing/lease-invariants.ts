import { LabError, type LeaseEnd } from '@hilltop/contracts';
import type { LeaseOutcome, LeaseRule } from '../lease-rules.js';
import { active, fitting, type Lease, type LeaseState, type LeaseWorld, leaseOn, queueOf } from '../lease-state.js';

/** How a wish may leave the queue without being granted. */
const leavings: readonly LeaseEnd[] = ['withdrawn', 'fulfilled', 'device-gone'];

/** What is wrong with a step; nothing when all is well. */
export function faultsOf(
  before: LeaseState,
  rule: LeaseRule,
  outcome: LeaseOutcome | LabError,
  now: number,
  world: LeaseWorld,
): string[] {
  if (outcome instanceof LabError) return [];
  const faults: string[] = [];
  const { state: after, changed } = outcome;
  const old = new Map(before.leases.map((lease) => [lease.id, lease]));
  const values = new Map(changed.map((lease) => [lease.id, lease]));

  for (const { id } of world.devices) {
    const out = after.leases.filter((lease) => active(lease) && lease.deviceId === id);
    if (out.length > 1) faults.push(`${id} has ${out.length} holders`);
  }
  if (rule.type === 'disconnect' && after !== before) faults.push('a disconnect changed something');
  if ('revision' in rule && old.get(rule.id)?.revision !== rule.revision)
    faults.push(`${rule.id} was changed by who saw an older revision`);

  for (const lease of after.leases) {
    const was = old.get(lease.id);
    if (values.has(lease.id)) {
      if (was && lease.revision <= was.revision) faults.push(`${lease.id}: its revision did not grow`);
    } else if (was !== lease) faults.push(`${lease.id} changed and nobody was told`);
    if (was && was.position !== lease.position) faults.push(`${lease.id} moved in the queue`);
    if (active(lease) && lease.until! <= now && rule.type !== 'disconnect') faults.push(`${lease.id} is overdue`);
    if (lease.state === 'held' && lease.until! - lease.takenAt! > world.longestSeconds * 1000)
      faults.push(`${lease.id} is longer than a lease may be`);
  }
  for (const was of before.leases) {
    const is = values.get(was.id) ?? was;
    if (is.state !== 'ended' && !after.leases.includes(is)) faults.push(`${was.id} is gone without an end`);
    if (was.state !== 'queued') continue;
    if (is.state === 'ended' && !leavings.includes(is.ended!.reason))
      faults.push(`${was.id} lost its place: ${is.ended!.reason}`);
  }
  if (rule.type !== 'disconnect') faults.push(...queueFaults(old, after, changed, world));
  faults.push(...fenceFaults(before, old, after, changed));
  return faults;
}

/** Nobody is passed over, and nothing that somebody wants lies idle. */
function queueFaults(
  old: ReadonlyMap<string, Lease>,
  after: LeaseState,
  changed: readonly Lease[],
  world: LeaseWorld,
): string[] {
  const faults: string[] = [];
  const queue = queueOf(after);
  for (const wish of queue)
    for (const { id, ready } of fitting(wish, world))
      if (!leaseOn(after, id) && (ready || wish.selector.devices.length > 0))
        faults.push(`${wish.id} waits while ${id} is free`);
  for (const lease of changed) {
    const was = old.get(lease.id);
    if (!active(lease) || (was && active(was))) continue;
    for (const earlier of queue.filter(({ id }) => old.has(id))) {
      const ahead = Number(earlier.front) - Number(lease.front) || lease.position - earlier.position;
      const wants = world.devices.some(
        ({ id, ready }) =>
          id === lease.deviceId && world.fits(earlier.selector, id) && (ready || earlier.selector.devices.length > 0),
      );
      if (ahead > 0 && wants) faults.push(`${lease.id} got what ${earlier.id} waited for longer`);
    }
  }
  return faults;
}

/** Every new holder has a higher fence than anybody before on that device. */
function fenceFaults(
  before: LeaseState,
  old: ReadonlyMap<string, Lease>,
  after: LeaseState,
  changed: readonly Lease[],
): string[] {
  const faults: string[] = [];
  for (const [id, fence] of before.fences) if ((after.fences.get(id) ?? 0) < fence) faults.push(`${id}: fence fell`);
  for (const lease of changed) {
    if (!active(lease)) continue;
    const was = old.get(lease.id);
    const same = was !== undefined && active(was) && was.holder.owner === lease.holder.owner;
    const highest = before.fences.get(lease.deviceId!) ?? 0;
    if (same && lease.fence !== was.fence) continue;
    if (!same && !(lease.fence! > highest)) faults.push(`${lease.id}: fence ${lease.fence} is no news`);
  }
  return faults;
}
