import { useEffect, useState } from 'react';
import { useLab } from '../../app/lab-context.js';
import type { DevicePulse } from '../../live/pulse-store.js';

/** A card is drawn at most so often: a hundred of them stay smooth. */
const drawMs = 500;

/** What a device does, at most twice a second; the first after a rest at once. */
export function useCardPulse(deviceId: string): DevicePulse | undefined {
  const { pulses } = useLab();
  const [pulse, setPulse] = useState(() => pulses.store.getState().byDevice.get(deviceId));
  useEffect(() => {
    const read = (): DevicePulse | undefined => pulses.store.getState().byDevice.get(deviceId);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let drawnAt = Number.NEGATIVE_INFINITY;
    let drawn = read();
    const draw = (): void => {
      timer = undefined;
      drawnAt = performance.now();
      drawn = read();
      setPulse(drawn);
    };
    draw();
    const unsubscribe = pulses.store.subscribe(() => {
      if (timer !== undefined || read() === drawn) return;
      const wait = drawnAt + drawMs - performance.now();
      if (wait <= 0) draw();
      else timer = setTimeout(draw, wait);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [pulses, deviceId]);
  return pulse;
}
