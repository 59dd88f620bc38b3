import type { SweepPreview } from '@hilltop/contracts';
import { formatNumber } from '../../format/number.js';

/** `38 points on 2 devices, about 41 device minutes`; where the lab has no runs to tell by, no time is said. */
export function previewWords({ points, places, estimatedDeviceMinutes }: SweepPreview): string {
  const devices = new Set(places.map(({ deviceId }) => deviceId)).size;
  const time =
    estimatedDeviceMinutes === undefined
      ? 'how long that takes is not known yet: not every device has runs to tell by'
      : estimatedDeviceMinutes < 1
        ? 'less than a minute of device time'
        : `about ${formatNumber(estimatedDeviceMinutes, 2)} device minutes`;
  return `${points} ${points === 1 ? 'point' : 'points'} on ${devices} ${devices === 1 ? 'device' : 'devices'}; ${time}`;
}
