import { type ConsoleAnswer, type ConsoleType, isLabError } from '@hilltop/contracts';
import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useConnection, useLab, useMe, useTopic } from '../../app/lab-context.js';
import { type KeyboardView, keyboardView } from './console-model.js';

const reserveSeconds = 1800;

export interface Keyboard {
  readonly view: KeyboardView;
  readonly reserve: () => void;
  readonly take: () => void;
  readonly ask: () => void;
  readonly drop: () => void;
  readonly answer: (answer: ConsoleAnswer['answer']) => void;
  /** Rejects with the refusal: the text is then still the person's. */
  readonly type: (typed: ConsoleType) => Promise<void>;
  readonly isPending: boolean;
  readonly error: unknown;
}

/** The keyboard of a device for this screen, which looks on while it is mounted. */
export function useKeyboard(deviceId: string): Keyboard {
  const { api, link } = useLab();
  const me = useMe().data;
  const isLive = useConnection().status === 'live';
  const state = useTopic(deviceId ? `device/${deviceId}` : undefined).entities.console.get(deviceId);
  useEffect(() => {
    if (deviceId === '' || !isLive) return;
    // Who looks on is no reason for a message to the reader.
    link.command('console.watch', { deviceId }).catch(() => undefined);
    return () => void link.command('console.leave', { deviceId }).catch(() => undefined);
  }, [link, deviceId, isLive]);
  const act = useMutation({ mutationFn: (command: () => Promise<unknown>) => command() });
  const send = (event: 'console.take' | 'console.ask' | 'console.drop') => () =>
    act.mutate(() => link.command(event, { deviceId }));
  return {
    view: keyboardView(state, me),
    reserve: () =>
      act.mutate(async () => {
        await api
          .reserve({ selector: { devices: [deviceId], labels: {} }, forSeconds: reserveSeconds })
          // Reserved a moment ago on another screen: then it can be taken.
          .catch((error) => (isLabError(error, 'lease.held') ? undefined : Promise.reject(error)));
        await link.command('console.take', { deviceId });
      }),
    take: send('console.take'),
    ask: send('console.ask'),
    drop: send('console.drop'),
    answer: (answer) => act.mutate(() => link.command('console.answer', { deviceId, answer })),
    type: async (typed) => void (await link.command('console.type', { deviceId, ...typed })),
    isPending: act.isPending,
    error: act.error ?? undefined,
  };
}
