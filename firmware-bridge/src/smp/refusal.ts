import { type Cause, LabError } from '@hilltop/contracts';

/** Numbers of SMP's own errors (`rc` of v1, and of v2 where the group has none of its own). */
const names: Readonly<Record<number, string>> = {
  1: 'unknown error',
  2: 'not enough memory',
  3: 'invalid value',
  4: 'timeout',
  5: 'no such entry',
  6: 'not possible in this state',
  7: 'message too large',
  8: 'not supported',
  9: 'corrupt',
  10: 'busy',
  11: 'access denied',
  12: 'protocol version too old',
  13: 'protocol version too new',
};

/** `rc` that says: speak version 1. */
export const versionTooNew = 13;

/** What a server said instead of doing it. */
export interface Refusal {
  /** Of the error: absent where it is the protocol's own (v1, or the transport's in v2). */
  readonly group?: number;
  readonly rc: number;
  /** The server's own words. */
  readonly reason?: string;
}

/** A stated error in an answer: v1 `{rc, rsn?}`, v2 `{err: {group, rc}}`. Zero is success in both, as MCUboot says it. */
export function refusalOf(answer: Readonly<Record<string, unknown>>): Refusal | undefined {
  const inner = answer.err;
  if (typeof inner === 'object' && inner !== null && 'rc' in inner && typeof inner.rc === 'number' && inner.rc !== 0) {
    const group = 'group' in inner && typeof inner.group === 'number' ? inner.group : undefined;
    return { rc: inner.rc, ...(group !== undefined && { group }) };
  }
  if (typeof answer.rc === 'number' && answer.rc !== 0)
    return { rc: answer.rc, ...(typeof answer.rsn === 'string' && { reason: answer.rsn }) };
  return undefined;
}

/** `device.refused` with the numbers in its details (`group`, `rc`, and whatever else the answer says in numbers). */
export function refused(what: string, refusal: Refusal, answer: Readonly<Record<string, unknown>> = {}): LabError {
  const numbers = Object.fromEntries(
    Object.entries(answer).filter(([key, value]) => key !== 'rc' && typeof value === 'number'),
  );
  const name = names[refusal.rc];
  const of = refusal.group === undefined ? '' : ` of group ${refusal.group}`;
  const figures = Object.entries(numbers).map(([key, value]) => `, ${key} ${value}`);
  return new LabError(
    'device.refused',
    `the board refuses ${what}: ${refusal.reason ?? name ?? 'error'} (rc ${refusal.rc}${of})${figures.join('')}`,
    {
      cause: causeOf(refusal.rc),
      rc: refusal.rc,
      ...(refusal.group !== undefined && { group: refusal.group }),
      ...numbers,
    },
  );
}

/** Too big or not understood is the model's doing; damage and haste are the way's; the rest is the board's. */
function causeOf(rc: number): Cause {
  if (rc === 2 || rc === 3 || rc === 8) return 'user';
  return rc === 9 || rc === 10 ? 'infrastructure' : 'device';
}
