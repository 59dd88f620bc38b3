import { lazy, Suspense, useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useStore } from 'zustand';
import { useKeys } from './keys.js';
import { useLab } from './lab-context.js';
import { stepRow } from './row-keys.js';
import { useFollowed, usePeople } from './use-presence.js';

const PaletteDialog = lazy(() => import('../palette/palette-dialog.js').then((m) => ({ default: m.PaletteDialog })));
const KeySheet = lazy(() => import('./key-sheet.js').then((m) => ({ default: m.KeySheet })));

export type ShellDialog = 'palette' | 'keys';

export interface ShellKeysProps {
  readonly shown: ShellDialog | undefined;
  readonly onShow: (dialog: ShellDialog | undefined) => void;
}

const goals = [
  ['g l', '/', 'lab'],
  ['g m', '/models', 'models'],
  ['g j', '/jobs', 'jobs'],
  ['g s', '/sweeps', 'sweeps'],
  ['g n', '/schedules', 'schedules, the nights'],
  ['g r', '/reservations', 'reservations'],
] as const;

/** The keys that every screen has, and what they open. */
export function ShellKeys({ shown, onShow }: ShellKeysProps) {
  const { presences, frames } = useLab();
  const [, navigate] = useLocation();
  const people = usePeople();
  const followed = useFollowed();
  const paused = useStore(frames.paused, ({ active }) => active);
  const [page, setPage] = useState<Element>();
  useEffect(() => setPage(document.getElementById('main') ?? undefined), []);
  const filter = (): HTMLElement | null =>
    page?.querySelector<HTMLElement>('[data-filter], input[type="search"], input[type="text"]') ?? null;
  const first = people[0]?.screens[0];
  useKeys('Everywhere', [
    { keys: 'Control+k', does: 'command palette: go anywhere, do anything', run: () => onShow('palette') },
    { keys: '?', does: 'all keys of this page', run: () => onShow('keys') },
    ...goals.map(([keys, href, name]) => ({ keys, does: `go to ${name}`, run: () => navigate(href) })),
    { keys: '/', does: 'go to the filter of this page', run: () => filter()?.focus() },
    { keys: 'j', does: 'next row or card; Enter opens it', run: () => stepRow(page, 1) },
    { keys: 'k', does: 'previous row or card', run: () => stepRow(page, -1) },
    { keys: 'p', does: 'pause all live drawing, and go on', run: () => frames.setPaused(!paused) },
    {
      keys: 'f',
      does: 'follow who is here, or stop',
      blocked: first || followed ? undefined : 'Nobody else is here.',
      run: () => presences.follow(followed ? undefined : first?.connection),
    },
  ]);
  return (
    <Suspense fallback={null}>
      {shown === 'palette' && <PaletteDialog onClose={() => onShow(undefined)} />}
      {shown === 'keys' && <KeySheet onClose={() => onShow(undefined)} />}
    </Suspense>
  );
}
