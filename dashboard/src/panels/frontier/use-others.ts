import type { PresenceCursor } from '@hilltop/contracts';
import { useCallback, useEffect, useMemo } from 'react';
import { useLocation } from 'wouter';
import { useStore } from 'zustand';
import { useLab } from '../../app/lab-context.js';
import { usePreferences } from '../../app/preferences.js';
import { useFollowed, usePeers } from '../../app/use-presence.js';
import type { ChartModel } from './chart-model.js';
import type { Peer, PeerCursor } from './others.js';
import { placeCursor } from './place-cursor.js';

export interface Others {
  readonly peers: readonly Peer[];
  readonly cursors: readonly PeerCursor[];
  /** Tells the others where the pointer is, when there are any and the viewer wants it; undefined otherwise. */
  readonly onPoint: ((place: Pick<PresenceCursor, 'x' | 'y'> | undefined) => void) | undefined;
}

/** Who else looks at this chart: what they have chosen and where they point. */
export function useOthers(panel: string, model: ChartModel | undefined): Others {
  const [path] = useLocation();
  const { link } = useLab();
  const here = usePeers(path);
  const followed = useFollowed()?.connection;
  const { cursors: wish } = usePreferences();
  const at = useStore(link.cursors.store, (state) => state.at);
  const peers = useMemo(
    () =>
      here.flatMap(({ connection, person, selection }) =>
        selection.map((key) => ({ connection, key, name: person.name, colour: person.colour })),
      ),
    [here],
  );
  const cursors = useMemo(
    () =>
      !model || wish === 'off'
        ? []
        : here.flatMap(({ connection, person, state }) => {
            const cursor = at.get(connection);
            if (!cursor || cursor.panel !== panel || state !== 'active') return [];
            if (wish === 'following' && connection !== followed) return [];
            const place = placeCursor(model, cursor);
            return place ? [{ connection, name: person.name, colour: person.colour, ...place }] : [];
          }),
    [here, at, panel, model, wish, followed],
  );
  const isTold = wish !== 'off' && here.length > 0;
  const onPoint = useCallback(
    (place: Pick<PresenceCursor, 'x' | 'y'> | undefined) => link.cursors.point(place && { panel, ...place }),
    [link, panel],
  );
  // Whoever leaves the chart, or wants to be seen no longer, points nowhere.
  useEffect(() => (isTold ? () => link.cursors.point(undefined) : undefined), [isTold, link]);
  return { peers, cursors, onPoint: isTold ? onPoint : undefined };
}
