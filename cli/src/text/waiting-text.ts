import type { Waiting } from '@hilltop/contracts';
import { formatDuration } from './units.js';

/** `ann holds bench-pi until …; 3rd …`: why it waits, its place, and the time until it starts where the lab can tell. */
export function waitingText({ text, position, estimateSeconds, for: whom }: Waiting): string {
  return [
    text,
    // The text names the holder already, but not whom the device works for while others come first.
    ...(whom !== undefined && !text.includes(whom) ? [`now for ${whom}`] : []),
    ...(position === undefined ? [] : [`place ${position}`]),
    ...(estimateSeconds === undefined ? [] : [`starts in about ${formatDuration(estimateSeconds * 1000)}`]),
  ].join(', ');
}
