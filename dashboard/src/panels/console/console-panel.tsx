import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useLab } from '../../app/lab-context.js';
import { Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import type { PanelProps } from '../panel-name.js';
import { useRun } from '../runs/use-run.js';
import { ConsoleInput } from './console-input.js';
import { KeyboardBar } from './keyboard-bar.js';
import { Transcript } from './transcript.js';
import { useKeyboard } from './use-keyboard.js';

/** The text is asked for at most so often while a board speaks. */
const askMs = 400;

/** A board's serial console: everybody reads, one types. Of a run that is over: what was printed and typed meanwhile. */
export function ConsolePanel({ subject }: PanelProps) {
  const { api, consoles } = useLab();
  const { run } = useRun(subject.runId);
  const deviceId = subject.deviceId ?? run?.deviceId ?? '';
  const { runId } = subject;
  const isOver = run?.endedAt !== undefined;
  const isLive = runId === undefined || (run !== undefined && !isOver);
  const keyboard = useKeyboard(isLive ? deviceId : '');
  const [text, setText] = useState('');
  const heard = useStore(consoles.heard, (state) => state.byDevice.get(deviceId) ?? 0);
  const asked = useQuery({
    queryKey: ['console', runId ?? deviceId],
    queryFn: () => (runId === undefined ? api.deviceConsole(deviceId) : api.runConsole(runId)),
    enabled: runId !== undefined || deviceId !== '',
  });
  const { refetch } = asked;
  const last = useRef(0);
  const { title } = keyboard.view;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each message, a keyboard that changed hands and the end of the run are reasons to ask
  useEffect(() => {
    // Throttled, not postponed: a board that never stops speaking is seen, too.
    const wait = Math.max(0, last.current + askMs - performance.now());
    const timer = setTimeout(() => {
      last.current = performance.now();
      void refetch();
    }, wait);
    return () => clearTimeout(timer);
  }, [refetch, heard, isOver, title]);
  return (
    <>
      {isLive && <KeyboardBar keyboard={keyboard} hasText={text !== ''} />}
      {asked.isError ? (
        <ErrorNotice error={asked.error} onRetry={() => void refetch()} />
      ) : asked.data ? (
        <Transcript
          document={asked.data}
          empty={runId === undefined ? 'It has printed nothing yet.' : 'It printed nothing.'}
        />
      ) : (
        <Skeleton />
      )}
      {isLive && <ConsoleInput keyboard={keyboard} text={text} onText={setText} />}
    </>
  );
}
