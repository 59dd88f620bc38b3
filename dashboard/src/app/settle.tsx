import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { Skeleton } from '../ui/empty.js';
import css from './settle.module.css';

/** What is not here by then is shown loading. */
const longestMs = 2500;
/** So many frames one after the other without anything loading: a chunk that has come may ask for data first. */
const calmFrames = 2;

/**
 * A new screen appears at once, when everything on it has its data: panels that come in one after the other would push
 * each other about under the reader's eyes. Until then one skeleton stands for all. `screen`: the address's path.
 */
export function Settle({ screen, children }: { readonly screen: string; readonly children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const [settled, setSettled] = useState<string>();
  const isSettled = settled === screen;
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    let frame = 0;
    let calm = 0;
    const settle = (): void => {
      watch.disconnect();
      clearTimeout(timer);
      setSettled(screen);
    };
    // Once a frame: asking where something is lays the page out. What is below the window may come later: it pushes
    // nothing that is seen.
    const look = (): void => {
      const isWaiting =
        element.childElementCount === 0 ||
        [...element.querySelectorAll('[data-skeleton]')].some(
          (each) => each.getBoundingClientRect().top < window.innerHeight,
        );
      calm = isWaiting ? 0 : calm + 1;
      frame = 0;
      if (calm === calmFrames) settle();
      else if (!isWaiting) lookSoon();
    };
    const lookSoon = (): void => {
      frame ||= requestAnimationFrame(look);
    };
    const watch = new MutationObserver(lookSoon);
    watch.observe(element, { childList: true, subtree: true });
    const timer = setTimeout(settle, longestMs);
    lookSoon();
    return () => {
      watch.disconnect();
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, [screen]);
  return (
    <div className={css.settle} aria-busy={!isSettled}>
      {!isSettled && (
        <div className={css.wait}>
          <Skeleton rows={8} />
        </div>
      )}
      <div ref={box} className={isSettled ? css.content : css.hidden}>
        {children}
      </div>
    </div>
  );
}
