import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { DevicePulse } from '../live/pulse-store.js';
import { useLab } from './lab-context.js';

/** What a device does just now, and its last minute. The page must follow the lab. */
export function usePulse(deviceId: string): DevicePulse | undefined {
  return useStore(useLab().pulses.store, (state) => state.byDevice.get(deviceId));
}

/** The minute before the page was opened. Once on a screen with cards. */
export function usePulseHistory(): void {
  const { api, pulses } = useLab();
  const { data } = useQuery({ queryKey: ['pulses'], queryFn: api.pulses, staleTime: Number.POSITIVE_INFINITY });
  useEffect(() => {
    if (data) pulses.push(data.items);
  }, [data, pulses]);
}
