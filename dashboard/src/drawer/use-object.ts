import { useQuery } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { useLab, useTopic } from '../app/lab-context.js';
import type { Subject } from '../panels/panel-name.js';
import { idOf, objectOf, type PresentObject, subjectOf } from './object-of.js';

/** What the screen beside the drawer is about. */
export function useObject(): { kind: PresentObject['kind']; id: string; subject: Subject | undefined } | undefined {
  const { api } = useLab();
  const [path] = useLocation();
  const { model, device } = useTopic('lab').entities;
  const found = objectOf(path);
  const isRun = found?.kind === 'run';
  const run = useQuery({
    queryKey: ['run', found?.key],
    queryFn: () => api.run(found!.key),
    enabled: isRun,
  }).data;
  if (!found) return undefined;
  const id = idOf(found, { model, device });
  return { kind: found.kind, id, subject: subjectOf(found.kind, id, isRun ? run?.jobId : undefined) };
}
