/** A mark as the keyboard and the pointer see it; pixels. */
export interface Spot {
  readonly key: string;
  readonly cx: number;
  readonly cy: number;
  readonly status: 'on' | 'uncertain' | 'dominated';
}

export type NavigationKey = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End';

export function isNavigationKey(key: string): key is NavigationKey {
  return ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'].includes(key);
}

/**
 * Where an arrow leads: left and right along the frontier (on and uncertain, by x), up and down to the nearest
 * dominated point above or below (and back to the frontier when there is none). Undefined on an empty chart.
 */
export function moveFocus(spots: readonly Spot[], from: string | undefined, key: NavigationKey): string | undefined {
  const line = spots.filter((s) => s.status !== 'dominated').sort((a, b) => a.cx - b.cx || b.cy - a.cy);
  const along = line.length > 0 ? line : [...spots].sort((a, b) => a.cx - b.cx);
  const current = spots.find((s) => s.key === from);
  if (along.length === 0) return undefined;
  if (key === 'Home' || !current) return along[0]!.key;
  if (key === 'End') return along.at(-1)!.key;
  if (key === 'ArrowUp' || key === 'ArrowDown') {
    const sign = key === 'ArrowUp' ? -1 : 1;
    const beyond = spots.filter((s) => s !== current && (s.cy - current.cy) * sign > 0);
    const dominated = beyond.filter((s) => s.status === 'dominated');
    return nearest(dominated.length > 0 ? dominated : beyond, current)?.key ?? current.key;
  }
  const sign = key === 'ArrowLeft' ? -1 : 1;
  if (current.status === 'dominated')
    return (
      nearest(
        along.filter((s) => (s.cx - current.cx) * sign >= 0),
        current,
      )?.key ?? current.key
    );
  const at = along.indexOf(current);
  return (along[at + sign] ?? current).key;
}

/** The nearest spot to a place; undefined when none is within `within` pixels. */
export function nearest<T extends Spot>(
  spots: readonly T[],
  place: { readonly cx: number; readonly cy: number },
  within = Number.POSITIVE_INFINITY,
): T | undefined {
  let best: T | undefined;
  let bestDistance = within;
  for (const spot of spots) {
    const distance = Math.hypot(spot.cx - place.cx, spot.cy - place.cy);
    if (distance < bestDistance || (best === undefined && distance <= within)) {
      best = spot;
      bestDistance = distance;
    }
  }
  return best;
}
