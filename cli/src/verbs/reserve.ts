import { isLabError, LabError, Reservation, type Reserve } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { openReservations, told } from '../lab/leases.js';
import { waitForLease } from '../lab/wait-for-lease.js';
import type { ExitStatus } from '../shell/exit-status.js';
import type { Options } from '../shell/options.js';
import { usageError } from '../shell/usage-error.js';
import { waitText, yoursText } from '../text/lease-text.js';

/** Has a device for a time: at once, or in its turn. */
export async function reserve(context: Context): Promise<ExitStatus> {
  const { options, lab, terminal } = context;
  const wait = options.flag('wait');
  let reservation = await wish(context, reserveRequest(options));
  if (wait && reservation.state !== 'held' && reservation.state !== 'ending')
    reservation = await waitForLease(context, reservation.id);
  const now = terminal.now();
  if (reservation.state === 'held' || reservation.state === 'ending') {
    context.answer(reservation, () => `${yoursText(reservation, now)} (${reservation.id})\n`);
    return 0;
  }
  const open = await openReservations(lab);
  context.answer(
    reservation,
    () => `${waitText(reservation, open, now)} (${reservation.id}); \`hilltop reservations\` shows it\n`,
  );
  return 1;
}

/** The wish; one that is in the queue already is waited for. Throws what refuses it, with who holds it. */
async function wish({ lab, options, terminal }: Context, request: Reserve): Promise<Reservation> {
  try {
    return await lab.post('/api/v1/leases', request, Reservation);
  } catch (error) {
    if (!isLabError(error, 'lease.held') || typeof error.details.leaseId !== 'string') throw error;
    const old = await lab.get(`/api/v1/leases/${error.details.leaseId}`, Reservation);
    if (options.flag('wait') && (old.state === 'queued' || old.state === 'granted')) return old;
    const text = `${error.message} (${old.deviceName ?? old.id}: ${told(old, terminal.now())})`;
    throw new LabError(error.code, text, { ...error.details, reservation: old }, { cause: error });
  }
}

/** The request that a command line stands for. Throws `usage.invalid`. */
export function reserveRequest(options: Options): Reserve {
  const devices = options.texts('device');
  const labels = options.labels();
  if (devices.length === 0 && Object.keys(labels).length === 0)
    throw usageError('`hilltop reserve` needs -d DEVICE, or -l key=value for any that carries a label.');
  const [forSeconds, note, reason] = [options.duration('for'), options.text('note'), forcedReason(options)];
  return {
    selector: { devices: [...devices], labels },
    ...(forSeconds !== undefined && { forSeconds }),
    ...(note !== undefined && { note }),
    ...(reason !== undefined && { force: { reason } }),
  };
}

/** `--force` and `--reason` go together. Throws `usage.invalid`. */
export function forcedReason(options: Options): string | undefined {
  const reason = options.text('reason');
  if (options.flag('force') !== (reason !== undefined))
    throw usageError("--force and --reason 'why' go together: the holder is told.");
  return reason;
}
