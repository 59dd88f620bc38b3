import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { decodeView, encodeView, type View } from './view.js';

/** The view in the address. Small steps replace the history entry, so that "back" leaves the screen. */
export function useView(fallback?: View): readonly [View, (change: Partial<View>) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const view = useMemo(() => decodeView(search, fallback), [search, fallback]);
  const change = useCallback(
    (step: Partial<View>) =>
      navigate(`${path}${encodeView({ ...decodeView(search, fallback), ...step }, fallback)}`, { replace: true }),
    [navigate, path, search, fallback],
  );
  return [view, change];
}
