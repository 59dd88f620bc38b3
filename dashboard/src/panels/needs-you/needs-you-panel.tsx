import { useMutation } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useBlocked, useLab, useMe, useNow, useTopic, useValues } from '../../app/lab-context.js';
import { Ago } from '../../ui/ago.js';
import { Button } from '../../ui/button.js';
import { Skeleton } from '../../ui/empty.js';
import { leftText } from '../leases/lease-model.js';
import { leaseNotices } from '../leases/lease-notices.js';
import { halfHour, tellLease, useLeaseCommand } from '../leases/use-lease-command.js';
import { type Need, type NeedAction, needsOf } from './needs.js';
import css from './needs-you.module.css';

const shapes = { bad: '■', warn: '▲', off: '○' } as const;

/** What waits for a person, each with one thing to do about it. */
export function NeedsYouPanel() {
  const topic = useTopic('lab');
  const { entities } = topic;
  const now = useNow(1000);
  const me = useMe().data;
  const notices = leaseNotices(useValues(entities.reservation), me, now);
  const needs = needsOf({
    ...{
      devices: useValues(entities.device),
      gates: useValues(entities.gate),
      schedules: useValues(entities.schedule),
    },
    notices,
  });
  if (topic.phase === 'waiting') return <Skeleton rows={1} />;
  if (needs.length === 0) return <p className="muted">Nothing needs you.</p>;
  return (
    <ul className={css.list} data-testid="needs-you">
      {needs.map((need) => (
        <li key={need.key} className={css.need} data-tone={need.tone}>
          <span aria-hidden className={css.shape}>
            {shapes[need.tone]}
          </span>
          <Link href={need.href} className={css.name}>
            {need.name}
          </Link>
          <span className={css.what}>
            {need.what} <Age need={need} nowMs={now} />
          </span>
          <Action need={need} />
        </li>
      ))}
    </ul>
  );
}

function Age({ need: { since, until }, nowMs }: { readonly need: Need; readonly nowMs: number }) {
  if (until !== undefined) return <span className="muted">in {leftText(until, nowMs)}</span>;
  if (since === undefined) return null;
  return (
    <span className="muted">
      <Ago instant={since} />
    </span>
  );
}

const words = {
  check: 'Check again',
  give: 'Give',
  take: 'Take it',
  extend: 'Extend 30 min',
} as const satisfies Record<Exclude<NeedAction['kind'], 'look'>, string>;

function Action({ need: { action, href, name } }: { readonly need: Need }) {
  const { api } = useLab();
  const { run, isPending } = useLeaseCommand();
  const check = useMutation({
    mutationFn: (deviceId: string) => api.checkDevice(deviceId),
    onSuccess: () => tellLease(`${name}: the health check waits for the device.`),
    onError: (error) => tellLease(error.message),
  });
  const blocked = useBlocked('operator');
  if (action.kind === 'look')
    return (
      <Link href={href} className={css.look} aria-label={`${action.text}: ${name}`}>
        {action.text}
      </Link>
    );
  const act = (): void => {
    if (action.kind === 'check') {
      check.mutate(action.deviceId);
      return;
    }
    const { kind, reservation } = action;
    run((rest) =>
      kind === 'give'
        ? rest.answerLease(reservation, 'give')
        : kind === 'take'
          ? rest.commandLease(reservation, 'take')
          : rest.extendLease(reservation, halfHour),
    );
  };
  return (
    <Button
      size="small"
      blocked={blocked}
      disabled={isPending || check.isPending}
      onClick={act}
      aria-label={`${words[action.kind]}: ${name}`}
    >
      {words[action.kind]}
    </Button>
  );
}
