import { useMemo } from 'react';
import { useLab } from '../app/lab-context.js';
import { type NightsApi, nightsApi } from './nights-api.js';

/** The calls of the night's screens, with the session's token. */
export function useNightsApi(): NightsApi {
  const { api } = useLab();
  return useMemo(() => nightsApi(api), [api]);
}
