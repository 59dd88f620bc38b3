import { allows, type Device, ordinal } from '@hilltop/contracts';
import { useKeys } from '../../app/keys.js';
import { useBlocked, useMe, useNow, useTopic, useValues } from '../../app/lab-context.js';
import { usePeople } from '../../app/use-presence.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { formatClock } from '../../format/time.js';
import { Button } from '../../ui/button.js';
import { cardFacts } from '../devices/card-facts.js';
import { leftText } from '../leases/lease-model.js';
import { holderText } from '../leases/lease-words.js';
import { halfHour, useLeaseCommand } from '../leases/use-lease-command.js';
import { DeviceActions } from './device-actions.js';
import css from './device-head.module.css';

const clock = (instant: string): string => formatClock(Date.parse(instant));

/** Who holds the device and what can be done about it, in the head of its page; with the keys r, e and h. */
export function DeviceHead({ device }: { readonly device: Device }) {
  const { open } = useDialogs();
  const { reserve, run, isPending } = useLeaseCommand();
  const me = useMe().data;
  const now = useNow(1000);
  const blocked = useBlocked('operator');
  const facts = cardFacts(device, useValues(useTopic('lab').entities.reservation), usePeople(), me);
  const { current, isMine, where, queue, place } = facts;
  const isHeld = current !== undefined && current.state !== 'granted';
  const isMineHeld = isHeld && isMine;
  const isAsked = current?.ask !== undefined && (current.ask.answer === 'later' || Date.parse(current.ask.until) > now);
  const take = (): void => (current || queue.length > 0 ? open('reserve', { deviceId: device.id }) : reserve(device));
  const extend = (): void => {
    if (current) run((api) => api.extendLease(current, halfHour));
  };
  const handOver = (): void => open('hand-over', { deviceId: device.id });
  const notMine = 'You do not hold this device.';
  const has = isMine ? 'You hold this device.' : place === undefined ? undefined : 'You wait for this device already.';
  useKeys('Device', [
    { keys: 'r', does: 'reserve this device, or queue for it', run: take, blocked: blocked ?? has },
    {
      keys: 'e',
      does: 'extend your lease by 30 min',
      run: extend,
      blocked: blocked ?? (isMineHeld ? undefined : notMine),
    },
    { keys: 'h', does: 'hand this device over', run: handOver, blocked: blocked ?? (isMineHeld ? undefined : notMine) },
  ]);
  const props = { blocked, disabled: isPending } as const;
  return (
    <div className={css.holder}>
      {current && (
        <span>
          {holderText(current, isMine, where, clock)}
          {current.until && <span className="muted">, {leftText(current.until, now)} left</span>}
        </span>
      )}
      {queue.length > 0 && (
        <span className="muted">
          {queue.length} waiting{place === undefined ? '' : `, you are ${ordinal(place)}`}
        </span>
      )}
      {has === undefined && (
        <Button {...props} onClick={take}>
          {current || queue.length > 0 ? `Queue ${queue.length + 1}…` : 'Reserve 30 min'}
        </Button>
      )}
      {current && isHeld && !isMine && (
        <Button
          {...props}
          blocked={blocked ?? (isAsked ? `${current.ask!.by.name} has asked already` : undefined)}
          onClick={() => run((api) => api.commandLease(current, 'ask'))}
        >
          Ask for it
        </Button>
      )}
      {isMineHeld && (
        <>
          <Button {...props} onClick={extend}>
            Extend 30 min
          </Button>
          <Button {...props} onClick={handOver}>
            Hand over…
          </Button>
        </>
      )}
      {me && (allows(me.role, 'operator') || blocked !== undefined) && <DeviceActions device={device} />}
    </div>
  );
}
