import type { Note } from '@hilltop/contracts';
import { saidAt } from '@hilltop/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useMe, useTopic, useValues } from '../app/lab-context.js';
import { usePeopleApi } from '../link/people-api.js';
import { mentionsOf, unreadOf } from './mentions.js';

export interface MyMentions {
  readonly all: readonly Note[];
  readonly unread: readonly Note[];
  /** Whether the lab has said what there is. */
  readonly isKnown: boolean;
  readonly error: unknown;
  readonly markRead: () => void;
}

/** Notes that name me, live; what was read is kept by the lab, for every screen of mine. */
export function useMentions(): MyMentions {
  const people = usePeopleApi();
  const queries = useQueryClient();
  const userId = useMe().data?.user?.id;
  const live = useValues(useTopic('lab').entities.note);
  const asked = useQuery({
    queryKey: ['mentions'],
    queryFn: people.mentions,
    enabled: userId !== undefined,
    refetchInterval: 60_000,
  });
  const { mutate } = useMutation({
    mutationFn: people.readMentions,
    onSuccess: (answer) => queries.setQueryData(['mentions'], answer),
  });
  const all = useMemo(
    () => (userId === undefined ? [] : mentionsOf(asked.data?.items ?? [], live, userId)),
    [asked.data, live, userId],
  );
  const unread = useMemo(
    () => (userId === undefined || !asked.data ? [] : unreadOf(all, userId, asked.data.readUpTo)),
    [all, asked.data, userId],
  );
  const newest = unread[0] && saidAt(unread[0]);
  const markRead = useCallback(() => {
    if (newest !== undefined) mutate(newest);
  }, [mutate, newest]);
  return { all, unread, isKnown: asked.data !== undefined, error: asked.error, markRead };
}
