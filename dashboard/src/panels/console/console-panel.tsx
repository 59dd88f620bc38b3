import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { useLab, useTopic } from '../../app/lab-context.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import type { PanelProps } from '../panel-name.js';
import { useRun } from '../runs/use-run.js';
import css from './console.module.css';

/** The text is asked for at most so often while a board speaks. */
const askMs = 1000;

/** What a board prints beside its protocol: during a run, or lately. Typing comes with leases. */
export function ConsolePanel({ subject }: PanelProps) {
  const { api, consoles } = useLab();
  const { run } = useRun(subject.runId);
  const deviceId = subject.deviceId ?? run?.deviceId ?? '';
  useTopic(deviceId ? `device/${deviceId}` : undefined);
  const heard = useStore(consoles.heard, (state) => state.byDevice.get(deviceId) ?? 0);
  const { runId } = subject;
  const asked = useQuery({
    queryKey: ['console', runId ?? deviceId],
    queryFn: () => (runId === undefined ? api.deviceConsole(deviceId) : api.runConsole(runId)),
    enabled: runId !== undefined || deviceId !== '',
  });
  const { refetch } = asked;
  const isOver = run?.endedAt !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each message, and the end of the run, are a reason to ask
  useEffect(() => {
    const timer = setTimeout(() => void refetch(), askMs);
    return () => clearTimeout(timer);
  }, [refetch, heard, isOver]);
  const end = useRef<HTMLElement>(null);
  const { text, dropped } = asked.data ?? {};
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is new is at the end
  useEffect(() => {
    if (end.current) end.current.scrollTop = end.current.scrollHeight;
  }, [text]);
  if (asked.isError) return <ErrorNotice error={asked.error} onRetry={() => void refetch()} />;
  if (text === undefined) return <Skeleton />;
  if (text === '')
    return (
      <Empty>{runId === undefined ? 'It has printed nothing since the lab started.' : 'It printed nothing.'}</Empty>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section ref={end} className={css.box} tabIndex={0} aria-label="Text of the console">
      <pre className={css.text}>
        {dropped ? `[${dropped.toLocaleString('en')} characters are not here]\n` : ''}
        {text}
      </pre>
    </section>
  );
}
