import { useEffect, useRef, useState } from 'react';
import type { View } from '../../view/view.js';

/** A browser takes only so many address changes a second; a moving slider makes more. */
const settleMs = 200;

/** The constraints as they are shown: at once while a slider moves, in the address as soon as it rests. */
export function useWhere(
  where: string,
  change: (step: Partial<View>) => void,
): readonly [string, (where: string, when: 'moving' | 'now') => void] {
  const [moving, setMoving] = useState<string>();
  const latest = useRef(change);
  latest.current = change;
  useEffect(() => {
    if (moving === undefined) return;
    const timer = setTimeout(() => {
      latest.current({ where: moving });
      setMoving(undefined);
    }, settleMs);
    return () => clearTimeout(timer);
  }, [moving]);
  return [
    moving ?? where,
    (text, when) => {
      if (when === 'moving') setMoving(text);
      else {
        setMoving(undefined);
        latest.current({ where: text });
      }
    },
  ];
}
