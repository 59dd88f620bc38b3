import { type Device, isLabError, type Reservation } from '@hilltop/contracts';
import { useMutation } from '@tanstack/react-query';
import { createStore } from 'zustand/vanilla';
import { useLab } from '../../app/lab-context.js';
import type { Api } from '../../link/api.js';
import { wishText } from './lease-words.js';

export interface LeaseNews {
  readonly key: number;
  readonly text: string;
}

let count = 0;
/** What came of the person's own commands, for the page to say. */
export const leaseNews = createStore<{ readonly items: readonly LeaseNews[] }>(() => ({ items: [] }));

export const tellLease = (text: string): void =>
  leaseNews.setState(({ items }) => ({ items: [...items, { key: ++count, text }].slice(-3) }));

export const forgetLease = (key: number): void =>
  leaseNews.setState(({ items }) => ({ items: items.filter((each) => each.key !== key) }));

export const halfHour = 1800;

/** Runs one command at a time; what it came to is said on the page. A refusal says why, and the screen shows what is now. */
export function useLeaseCommand() {
  const { api } = useLab();
  const command = useMutation({
    mutationFn: (run: (api: Api) => Promise<Reservation>) => run(api),
    onError: (error) =>
      tellLease(
        isLabError(error, 'lease.changed')
          ? 'It changed meanwhile; nothing was done. Look at it and decide again.'
          : error.message,
      ),
  });
  return {
    isPending: command.isPending,
    run: (act: (api: Api) => Promise<Reservation>) => command.mutate(act),
    reserve: (device: Pick<Device, 'id' | 'name'>, forSeconds = halfHour) =>
      command.mutate(async (rest) => {
        const wish = await rest.reserve({ selector: { devices: [device.id], labels: {} }, forSeconds });
        // Of a race the winner's lease may not have reached this screen yet: the lab is asked.
        const holder = wish.state === 'queued' ? await holderOf(rest, device.id) : undefined;
        tellLease(wishText(wish, holder, device.name));
        return wish;
      }),
  };
}

async function holderOf(api: Api, deviceId: string): Promise<Reservation | undefined> {
  return (await api.leases(deviceId)).find((each) => each.deviceId === deviceId && each.state !== 'queued');
}
