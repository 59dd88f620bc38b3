import { type ComponentType, useEffect, useReducer, useState } from 'react';
import { Skeleton } from './empty.js';

/**
 * A component whose code comes when it is first shown; meanwhile a skeleton. Unlike React's `lazy`, what has come is
 * drawn at once: Suspense holds back whatever follows a fallback by 300 ms, for each level of nesting anew. A failure
 * goes to the boundary around it, and its retry loads again.
 */
export function loadable<P extends object>(load: () => Promise<ComponentType<P>>, rows = 3): ComponentType<P> {
  let Loaded: ComponentType<P> | undefined;
  let loading: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    loading ??= load().then(
      (component) => {
        Loaded = component;
      },
      (error: unknown) => {
        loading = undefined;
        throw error;
      },
    );
    return loading;
  };
  return function Loadable(props: P) {
    const [, redraw] = useReducer((count: number) => count + 1, 0);
    const [failure, setFailure] = useState<{ readonly error: unknown }>();
    const isHere = Loaded !== undefined;
    useEffect(() => {
      if (isHere) return;
      let isMounted = true;
      begin().then(
        () => isMounted && redraw(),
        (error: unknown) => isMounted && setFailure({ error }),
      );
      return () => {
        isMounted = false;
      };
    }, [isHere]);
    if (failure) throw failure.error;
    return Loaded ? <Loaded {...props} /> : <Skeleton rows={rows} />;
  };
}
