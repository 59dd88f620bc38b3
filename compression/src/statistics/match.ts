import type { Adjustable, Adjustment } from './adjust.js';
import type { ChannelMoments } from './moments.js';

/** Gains beyond this factor come from channels that are nearly dead: they would blow up noise. */
const largestGain = 4;
/** Differences below this share of the deviation are rounding. */
const negligible = 1e-3;

/** What makes channels with the moments `ours` have those of `theirs`, as far as allowed; undefined where they have them already. */
export function adjustmentOf(
  ours: ChannelMoments,
  theirs: ChannelMoments,
  allowed: Adjustable,
): Adjustment | undefined {
  const gain = Float64Array.from(ours.mean, (_, c) => {
    const [a, b] = [ours.deviation[c]!, theirs.deviation[c]!];
    // A channel that hardly moves tells nothing about its gain.
    return allowed.gain && a > 1e-6 && b > 1e-6 ? Math.min(largestGain, Math.max(1 / largestGain, b / a)) : 1;
  });
  const shift = Float64Array.from(ours.mean, (mean, c) => (allowed.shift ? theirs.mean[c]! - gain[c]! * mean : 0));
  // A gain without a shift moves the mean: it must at least bring it no further away.
  if (!allowed.shift)
    gain.forEach((g, c) => {
      if (Math.abs(theirs.mean[c]! - g * ours.mean[c]!) > Math.abs(theirs.mean[c]! - ours.mean[c]!)) gain[c] = 1;
    });
  const alike = gain.every((g, c) => {
    const size = Math.max(theirs.deviation[c]!, 1e-6);
    const moved = allowed.shift ? Math.abs(theirs.mean[c]! - ours.mean[c]!) : 0;
    return Math.abs(g - 1) <= negligible && moved <= negligible * size;
  });
  return alike ? undefined : { gain, shift };
}
