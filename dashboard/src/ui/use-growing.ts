import { startTransition, useEffect, useState } from 'react';

/** As many rows as fill a window; more would only keep the first picture waiting. */
const firstRows = 24;

/** The first rows at once, all of them after these are drawn, without holding up what a hand does meanwhile. */
export function useGrowing<T>(rows: readonly T[]): readonly T[] {
  const [isWhole, setWhole] = useState(false);
  const isLong = rows.length > firstRows;
  useEffect(() => {
    if (!isLong) return;
    // The effect runs before the picture that it waits for; a timer from its frame runs after.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => startTransition(() => setWhole(true)));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [isLong]);
  return isWhole || !isLong ? rows : rows.slice(0, firstRows);
}
