import { isLabError, LabError, type LeaseAnswer, type Selector } from '@hilltop/contracts';
import { applyLease, type Commander, type LeaseRule, type LeaseWish } from '../lease-rules.js';
import type { Lease, LeaseState, LeaseWorld } from '../lease-state.js';

export const person = (name: string, admin = false): Commander => ({ owner: `usr_${name}`, name, person: true, admin });
export const pipeline = (name: string): Commander => ({ owner: `tok_${name}`, name, person: false, admin: false });
export const named = (...devices: string[]): Selector => ({ devices, labels: {} });
export const labelled = (rack: string): Selector => ({ devices: [], labels: { rack } });

interface GameDevice {
  id: string;
  name: string;
  ready: boolean;
  rack: string;
}

/** The rules alone, with time that only moves when told to. Devices stand in a rack each: `a1` and `a2` in rack a. */
export class LeaseGame {
  state: LeaseState = { leases: [], fences: new Map() };
  /** Every value a reservation ever had, oldest first. */
  readonly history: Lease[] = [];
  now = 0;
  readonly devices: GameDevice[];
  readonly work = new Map<string, 'waiting' | 'running'>();
  #n = 0;

  constructor(
    devices: readonly string[],
    readonly longestSeconds = 86_400,
  ) {
    this.devices = devices.map((id) => ({ id, name: id, ready: true, rack: id[0]! }));
  }

  get world(): LeaseWorld {
    return {
      devices: this.devices,
      fits: ({ devices, labels }, id) =>
        this.devices.some(
          (device) =>
            device.id === id &&
            (devices.length === 0 || devices.includes(id)) &&
            (labels.rack === undefined || labels.rack === device.rack),
        ),
      work: (owner, deviceId) => this.work.get(`${owner} ${deviceId}`),
      longestSeconds: this.longestSeconds,
    };
  }

  /** What came of it: the code of the refusal, or nothing. */
  apply(rule: LeaseRule): string | undefined {
    const outcome = applyLease(this.state, rule, this.now, this.world);
    if (outcome instanceof LabError) return outcome.code;
    this.state = outcome.state;
    this.history.push(...outcome.changed);
    return undefined;
  }

  /** A wish; answers with its id, or the code. */
  reserve(
    by: Commander,
    selector: Selector,
    more: Partial<Pick<LeaseWish, 'forSeconds' | 'force' | 'note'>> = {},
  ): string {
    const position = ++this.#n;
    const id = `rsv_${position}`;
    return this.apply({ type: 'reserve', id, position, by, selector, forSeconds: 1800, ...more }) ?? id;
  }

  act(
    type: 'take' | 'release' | 'ask' | 'extend' | 'handover' | 'answer' | 'force',
    by: Commander,
    id: string,
    more: { revision?: number; forSeconds?: number; to?: Commander; answer?: LeaseAnswer; reason?: string } = {},
  ): string | undefined {
    return this.apply({
      type,
      id,
      by,
      revision: more.revision ?? this.last(id).revision,
      forSeconds: more.forSeconds ?? 1800,
      to: more.to ?? by,
      answer: more.answer ?? 'no',
      reason: more.reason ?? 'needed',
    } as LeaseRule);
  }

  /** Time passes, second by second as far as it matters. */
  pass(seconds: number): void {
    this.now += seconds * 1000;
    this.apply({ type: 'tick' });
  }

  /** The newest value of a reservation, ended or not. */
  last(id: string): Lease {
    const lease = this.history.findLast((each) => each.id === id);
    if (!lease) throw new Error(`no ${id}`);
    return lease;
  }

  /** Device -> name of its holder; a granted lease is written `Name?`. */
  holders(): Record<string, string> {
    const out = this.state.leases.filter(({ state }) => state === 'granted' || state === 'held');
    return Object.fromEntries(
      out.map(({ deviceId, holder, state }) => [deviceId!, holder.name + (state === 'granted' ? '?' : '')]),
    );
  }
}

/** A LabError's code, or what else was thrown. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'nothing thrown';
  } catch (error) {
    return isLabError(error) ? error.code : String(error);
  }
}
