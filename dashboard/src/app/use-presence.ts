import type { PersonHere, Presence } from '@hilltop/contracts';
import { peopleHere } from '@hilltop/contracts';
import { useEffect, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useStore } from 'zustand';
import { partyKey } from '../panels/leases/lease-model.js';
import { decodeView } from '../view/view.js';
import { useLab, useMe } from './lab-context.js';

/** Without a key or a click for so long somebody is idle, then away. */
const idleAfterMs = 60_000;
const awayAfterMs = 300_000;
const lookMs = 5_000;

/** Tells the lab what this screen shows and whether anybody sits before it; mirrors whom it follows. */
export function usePresenceReport(): void {
  const { presences } = useLab();
  const [path, navigate] = useLocation();
  const search = useSearch();
  useEffect(() => {
    const query = search === '' ? '' : `?${search}`;
    const { sel, compare = [] } = decodeView(search);
    const selection = [...new Set([...(sel === undefined ? [] : [sel]), ...compare])];
    presences.show({ page: `${path}${query}`.slice(0, 600), selection });
  }, [presences, path, search]);
  useEffect(() => {
    let lastAct = Date.now();
    const look = (): void => {
      const idleMs = Date.now() - lastAct;
      presences.show({
        state: document.hidden || idleMs > awayAfterMs ? 'away' : idleMs > idleAfterMs ? 'idle' : 'active',
      });
    };
    const act = (): void => {
      lastAct = Date.now();
      look();
    };
    const timer = setInterval(look, lookMs);
    for (const event of acts) document.addEventListener(event, act, { passive: true });
    document.addEventListener('visibilitychange', look);
    look();
    return () => {
      clearInterval(timer);
      for (const event of acts) document.removeEventListener(event, act);
      document.removeEventListener('visibilitychange', look);
    };
  }, [presences]);
  const followed = useFollowed();
  const page = followed?.page;
  useEffect(() => {
    if (page !== undefined) navigate(page, { replace: true });
  }, [page, navigate]);
  useEffect(() => {
    if (followed?.connection === undefined) return;
    // Whoever does something of their own looks for themselves again.
    const stop = (event: Event): void => {
      const isOnFollow = event.target instanceof Element && event.target.closest('[data-follow]') !== null;
      const isEscape = event instanceof KeyboardEvent && event.key === 'Escape';
      if (isEscape || !isOnFollow) presences.follow(undefined);
    };
    for (const event of ['pointerdown', 'keydown', 'wheel'] as const)
      document.addEventListener(event, stop, { passive: true });
    return () => {
      for (const event of ['pointerdown', 'keydown', 'wheel'] as const) document.removeEventListener(event, stop);
    };
  }, [presences, followed?.connection]);
}

const acts = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

/** The screen that this one mirrors. */
export function useFollowed(): Presence | undefined {
  return useStore(useLab().presences.store, ({ here, follows }) =>
    follows === undefined ? undefined : here.get(follows),
  );
}

/** Everybody else, each person once; yourself in another tab is not somebody else. */
export function usePeople(): readonly PersonHere[] {
  const here = useStore(useLab().presences.store, (state) => state.here);
  const me = useMe().data;
  return useMemo(
    // Until it is known who one is, nobody is somebody else.
    () => (me === undefined ? [] : peopleHere([...here.values()].filter(({ person }) => person.key !== partyKey(me)))),
    [here, me],
  );
}

/** Others' screens that show the same path. */
export function usePeers(path: string): readonly Presence[] {
  const people = usePeople();
  return useMemo(
    () => people.flatMap(({ screens }) => screens.filter((each) => each.page.split('?')[0] === path)),
    [people, path],
  );
}
