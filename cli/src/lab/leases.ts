import { isLabError, LabError, Me, Reservation, reservationText } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { clockText } from '../text/clock.js';
import type { LabClient } from './client.js';

const path = '/api/v1/leases';

/** Whether it keeps others off its device. */
export const isOut = ({ state }: Reservation): boolean => state === 'granted' || state === 'held' || state === 'ending';

/** Everything that has not ended, by place in time. */
export async function openReservations(lab: LabClient): Promise<Reservation[]> {
  return (await lab.list<Reservation>(path, Reservation)).reverse();
}

/** Who I am among holders. */
export async function myOwner(lab: LabClient): Promise<string> {
  const me = await lab.get('/api/v1/me', Me);
  return me.user?.id ?? me.tokenId;
}

const meant = (reservation: Reservation, wanted: string): boolean =>
  reservation.id === wanted || reservation.deviceName === wanted || reservation.deviceId === wanted;

/** The lease that is out on a device, by the device or the reservation. Throws `lease.not-held`. */
export async function leaseOut(lab: LabClient, wanted: string): Promise<Reservation> {
  const found = (await openReservations(lab)).find((each) => isOut(each) && meant(each, wanted));
  if (!found) throw free(wanted);
  return found;
}

/**
 * My own reservation of a device, by the device or the reservation; one that is out before one that waits.
 * Throws `lease.not-yours` with who holds it, `lease.not-held`.
 */
export async function myReservation(lab: LabClient, wanted: string, nowMs: number): Promise<Reservation> {
  const [owner, open] = [await myOwner(lab), await openReservations(lab)];
  const mine = open.filter(({ holder }) => holder.owner === owner);
  const found =
    mine.find((each) => isOut(each) && meant(each, wanted)) ??
    mine.find(({ id, selector }) => id === wanted || selector.devices.includes(wanted));
  if (found) return found;
  const other = open.find((each) => meant(each, wanted));
  if (!other) throw free(wanted);
  throw new LabError('lease.not-yours', `${wanted} is not yours: ${told(other, nowMs)}; \`hilltop ask ${wanted}\``, {
    reservation: other,
  });
}

const free = (wanted: string): LabError =>
  new LabError('lease.not-held', `nobody holds ${wanted}: \`hilltop reserve -d ${wanted}\``, { wanted });

/** What a reservation is, by the reader's clock. */
export const told = (reservation: Reservation, nowMs: number): string =>
  reservationText(reservation, (instant) => clockText(instant, nowMs));

/** A command to what was just seen; a refusal says what it is now. */
export async function actOn(
  { lab, terminal }: Context,
  { id, revision }: Reservation,
  verb: 'take' | 'extend' | 'release' | 'handover' | 'ask' | 'answer' | 'force',
  body: object = {},
): Promise<Reservation> {
  try {
    return await lab.post(`${path}/${encodeURIComponent(id)}/${verb}`, { revision, ...body }, Reservation);
  } catch (error) {
    throw withState(error, terminal.now());
  }
}

function withState(error: unknown, nowMs: number): unknown {
  if (!isLabError(error)) return error;
  const now = Reservation.safeParse(error.details.reservation);
  if (!now.success) return error;
  const device = now.data.deviceName ?? now.data.id;
  return new LabError(error.code, `${error.message}. ${device}: ${told(now.data, nowMs)}`, error.details, {
    cause: error,
  });
}
