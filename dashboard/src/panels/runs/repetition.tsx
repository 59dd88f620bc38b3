import type { Run } from '@hilltop/contracts';
import { Link } from 'wouter';

/** A disturbed run that was done again, and one that does it again: each names the other. Nothing where neither is so. */
export function Repetition({ run: { repeatOf, repeatedAs, unstable } }: { readonly run: Run }) {
  if (repeatOf === undefined && repeatedAs === undefined) return null;
  return (
    <p className="caption">
      {repeatOf !== undefined && (
        <>
          repeats run <Link href={`/runs/${repeatOf}`}>{repeatOf}</Link>{' '}
        </>
      )}
      {repeatedAs !== undefined && (
        <>
          done again as <Link href={`/runs/${repeatedAs}`}>{repeatedAs}</Link>{' '}
        </>
      )}
      {unstable !== undefined && <strong>unstable: disturbed {unstable} times</strong>}
    </p>
  );
}
