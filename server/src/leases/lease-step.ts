import { type LeaseEnd, leaseLimits } from '@hilltop/contracts';
import {
  active,
  fitting,
  type Lease,
  type LeaseState,
  type LeaseWorld,
  leaseOn,
  ms,
  type Party,
  queueOf,
} from './lease-state.js';

/** One change of the state being made: every lease that is put has its revision raised. */
export class LeaseStep {
  readonly #leases: Map<string, Lease>;
  readonly #fences: Map<string, number>;
  /** New values of what changed, those that ended among them. */
  readonly changed = new Map<string, Lease>();

  constructor(
    before: LeaseState,
    readonly now: number,
    readonly world: LeaseWorld,
  ) {
    this.#leases = new Map(before.leases.map((lease) => [lease.id, lease]));
    this.#fences = new Map(before.fences);
  }

  get state(): LeaseState {
    return { leases: [...this.#leases.values()], fences: this.#fences };
  }

  get(id: string): Lease | undefined {
    return this.#leases.get(id);
  }

  add(lease: Lease): void {
    this.#leases.set(lease.id, lease);
    this.changed.set(lease.id, lease);
  }

  /** Changes a lease that is open. */
  put(id: string, change: Partial<Lease>): Lease {
    const old = this.#leases.get(id)!;
    const lease: Lease = { ...old, ...change, revision: old.revision + 1 };
    if (lease.state === 'ended') this.#leases.delete(id);
    else this.#leases.set(id, lease);
    this.changed.set(id, lease);
    return lease;
  }

  end(id: string, reason: LeaseEnd): void {
    this.put(id, { state: 'ended', ended: { reason, at: this.now } });
  }

  take(id: string): void {
    const lease = this.#leases.get(id)!;
    this.put(id, { state: 'held', takenAt: this.now, until: this.now + ms(lease.forSeconds) });
  }

  /** Another holder for what is left of it; a wish of theirs that this device meets is met. */
  give(id: string, to: Party): void {
    const { deviceId } = this.#leases.get(id)!;
    this.put(id, { holder: to, ask: undefined, fence: this.#fence(deviceId!) });
    const met = queueOf(this.state).find(
      (wish) => wish.holder.owner === to.owner && this.world.fits(wish.selector, deviceId!),
    );
    if (met) this.end(met.id, 'fulfilled');
  }

  /**
   * Grants what is free to the earliest wish that it fits. `asking`: the wish of who is here this moment, and needs no
   * time to take it.
   */
  serve(asking?: string): void {
    for (const wish of queueOf(this.state)) {
      const device = this.#freeFor(wish);
      if (device === undefined) continue;
      this.put(wish.id, {
        state: 'granted',
        deviceId: device,
        until: this.now + ms(leaseLimits.takeSeconds),
        fence: this.#fence(device),
      });
      const jobs = this.world.work(wish.holder.owner, device) !== undefined;
      if (wish.id === asking || !wish.holder.person || jobs) this.take(wish.id);
    }
  }

  /** An admin's warning. */
  warn(id: string, by: string, reason: string): void {
    this.put(id, { forced: { by, reason, at: this.now + ms(leaseLimits.forceSeconds) } });
  }

  /** The lease that a forced wish takes: of all it fits, the one that would end first. */
  weakest(wish: Lease): Lease | undefined {
    return this.state.leases
      .filter(
        (lease) =>
          active(lease) &&
          !lease.forced &&
          lease.holder.owner !== wish.holder.owner &&
          this.world.fits(wish.selector, lease.deviceId!),
      )
      .sort((a, b) => a.until! - b.until! || a.position - b.position)[0];
  }

  /** A device in rotation before one that is not; the latter only for who named it. */
  #freeFor(wish: Lease): string | undefined {
    const named = wish.selector.devices.length > 0;
    const free = fitting(wish, this.world).filter(({ id }) => !leaseOn(this.state, id));
    return (free.find(({ ready }) => ready) ?? (named ? free[0] : undefined))?.id;
  }

  #fence(deviceId: string): number {
    const fence = (this.#fences.get(deviceId) ?? 0) + 1;
    this.#fences.set(deviceId, fence);
    return fence;
  }
}
