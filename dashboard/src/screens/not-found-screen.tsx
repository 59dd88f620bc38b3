import { Link } from 'wouter';
import { Empty } from '../ui/empty.js';
import { ScreenHead } from './screen-head.js';

export interface NotFoundScreenProps {
  /** What was looked for. */
  readonly what?: string;
}

export function NotFoundScreen({ what = 'This page' }: NotFoundScreenProps) {
  return (
    <>
      <ScreenHead title="Not found" crumbs={[['Lab', '/']]} />
      <Empty>
        {what} does not exist in this lab, or no longer. <Link href="/">Back to the lab</Link>
      </Empty>
    </>
  );
}
