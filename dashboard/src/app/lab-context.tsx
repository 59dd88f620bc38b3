import { type Access, allows, type Topic } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Api } from '../link/api.js';
import type { ServerClock } from '../link/server-clock.js';
import type { SessionStore, TokenStorage } from '../link/session-store.js';
import { type Connection, writesBlockedBy } from '../live/connection.js';
import type { Consoles } from '../live/consoles.js';
import type { FrameQueue } from '../live/frame-queue.js';
import type { LiveLink } from '../live/live-link.js';
import type { Presences } from '../live/presences.js';
import type { PulseStore } from '../live/pulse-store.js';
import { emptyTopic, type TopicState } from '../live/topic-state.js';
import type { Traces } from '../live/traces.js';

/** What every screen stands on: one for each signed-in session. */
export interface Lab {
  readonly api: Api;
  readonly link: LiveLink;
  readonly frames: FrameQueue;
  readonly presences: Presences;
  readonly traces: Traces;
  readonly pulses: PulseStore;
  readonly consoles: Consoles;
  readonly clock: ServerClock;
  readonly session: SessionStore;
  readonly storage: TokenStorage;
}

export const LabContext = createContext<Lab | undefined>(undefined);

export function useLab(): Lab {
  const lab = useContext(LabContext);
  if (!lab) throw new Error('useLab outside of LabContext');
  return lab;
}

const nothing: StoreApi<TopicState> = createStore<TopicState>(() => emptyTopic);

/** Follows a topic while the component is mounted (and a little longer). `undefined`: follows nothing. */
export function useTopic(topic: Topic | undefined): TopicState {
  const { link } = useLab();
  const [store, setStore] = useState<StoreApi<TopicState>>(nothing);
  useEffect(() => {
    if (topic === undefined) {
      setStore(nothing);
      return;
    }
    const followed = link.follow(topic);
    setStore(followed.store);
    return followed.release;
  }, [link, topic]);
  return useStore(store);
}

export function useConnection(): Connection {
  return useStore(useLab().link.connection);
}

/** Who the person is and what they may do; from REST, once. */
export function useMe() {
  const { api } = useLab();
  return useQuery({ queryKey: ['me'], queryFn: api.me, staleTime: Number.POSITIVE_INFINITY });
}

/** Why this person cannot change things now; undefined when they can. */
export function useBlocked(access: Access): string | undefined {
  const connection = useConnection();
  const me = useMe().data;
  const blocked = writesBlockedBy(connection);
  if (blocked !== undefined || !me || allows(me.role, access)) return blocked;
  if (me.guest) return `You are watching as ${me.guest.name}; sign in to take part.`;
  return `You are signed in as ${me.role}; this needs ${access}.`;
}

/** The lab's clock, ticking every so many ms. */
export function useNow(everyMs: number): number {
  const { clock } = useLab();
  const [now, setNow] = useState(() => clock.nowMs());
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.nowMs()), everyMs);
    return () => clearInterval(timer);
  }, [clock, everyMs]);
  return now;
}

/** Values of an entity map as an array that stays the same while the map does. */
export function useValues<T>(map: ReadonlyMap<string, T>): readonly T[] {
  return useMemo(() => [...map.values()], [map]);
}
