import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useNightsApi } from '../../link/use-nights-api.js';
import { readSweepText } from './read-sweep-text.js';

/** The lab is asked what a text would try when nobody has typed for so long. */
const pauseMs = 400;

/** A sweep file while it is written: what is wrong with it, and what the lab would try. */
export function useSweepFile(text: string) {
  const api = useNightsApi();
  const read = useMemo(() => readSweepText(text), [text]);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  const file = 'file' in read ? read.file : undefined;
  const preview = useQuery({
    queryKey: ['sweep-preview', settled],
    queryFn: () => api.preview(file!),
    enabled: file !== undefined && settled === text,
    retry: false,
    staleTime: 30_000,
  });
  return { file, errors: 'errors' in read ? read.errors : [], preview, isSettled: settled === text };
}
