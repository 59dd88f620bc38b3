import { useNow } from '../app/lab-context.js';
import { formatAgo, formatInstant } from '../format/time.js';

/** How long ago by the lab's clock; the exact instant is the tooltip. */
export function Ago({ instant }: { readonly instant: string }) {
  const now = useNow(5000);
  return (
    <time dateTime={instant} title={formatInstant(instant)}>
      {formatAgo(now - Date.parse(instant))}
    </time>
  );
}
