import { hasSweepEnded } from '@hilltop/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useBlocked, useLab, useTopic } from '../app/lab-context.js';
import { SweepGates } from '../panels/gate/sweep-gates.js';
import { Panel } from '../panels/panel.js';
import { usedText, volumeText } from '../panels/sweeps/sweep-words.js';
import { Ago } from '../ui/ago.js';
import { Button } from '../ui/button.js';
import { Skeleton } from '../ui/empty.js';
import { ErrorNotice, Notice } from '../ui/notice.js';
import { SweepStateMark } from '../ui/state-mark.js';
import { NotFoundScreen } from './not-found-screen.js';
import css from './screen.module.css';
import { ScreenHead } from './screen-head.js';

/** One search, live: what it found, what it tries and why, what it costs. */
export function SweepScreen({ id }: { readonly id: string }) {
  const { api } = useLab();
  const live = useTopic(`sweep/${id}`).entities.sweep.get(id);
  const asked = useQuery({ queryKey: ['sweep', id], queryFn: () => api.sweep(id), enabled: !live });
  const sweep = live ?? asked.data;
  const blocked = useBlocked('operator');
  const known = useTopic('lab').entities.model;
  const act = useMutation({ mutationFn: (command: 'pause' | 'resume' | 'cancel') => api.commandSweep(id, command) });
  if (!sweep) return asked.isError ? <NotFoundScreen what={`The sweep ${id}`} /> : <Skeleton rows={6} />;
  const isOpen = !hasSweepEnded(sweep.state);
  const models = [...new Map(sweep.places.map(({ modelId, modelName }) => [modelId, modelName]))];
  const subject = { sweepId: id };
  const unseen = models.filter(([modelId]) => {
    const model = known.get(modelId);
    return model?.evaluation && !model.validation;
  });
  return (
    <>
      <ScreenHead
        title={sweep.name}
        crumbs={[
          ['Lab', '/'],
          ['Sweeps', '/sweeps'],
        ]}
        actions={
          isOpen && (
            <>
              <Button
                blocked={blocked}
                disabled={act.isPending}
                onClick={() => act.mutate(sweep.state === 'paused' ? 'resume' : 'pause')}
              >
                {sweep.state === 'paused' ? 'Resume' : 'Pause'}
              </Button>
              <Button kind="danger" blocked={blocked} disabled={act.isPending} onClick={() => act.mutate('cancel')}>
                Cancel sweep
              </Button>
            </>
          )
        }
      >
        <SweepStateMark state={sweep.state} testId="sweep-state" />
        <span className="muted">
          {usedText(sweep)}
          {volumeText(sweep)} · {sweep.file.sampler.name}, seed {sweep.file.sampler.seed} ·{' '}
          <Ago instant={sweep.createdAt} />
          {sweep.createdBy && ` · ${sweep.createdBy}`}
        </span>
        {sweep.note && <span>{sweep.note}</span>}
      </ScreenHead>
      {sweep.error && <ErrorNotice error={`${sweep.error.message} (${sweep.error.code})`} />}
      {act.isError && <ErrorNotice error={act.error} />}
      <SweepGates sweep={sweep} />
      {unseen.length > 0 && (
        <Notice tone="warn">
          {unseen.map(([, name]) => name).join(', ')} {unseen.length === 1 ? 'has' : 'have'} no validation set: this
          sweep searches by the evaluation set, so what it finds looks a little better there than it is.
        </Notice>
      )}
      <div className={css.two}>
        <div className={css.stack}>
          {models.map(([modelId, modelName]) => (
            <Panel
              key={modelId}
              name="frontier"
              title={`Frontier of ${modelName}`}
              subject={{
                modelId,
                deviceIds: sweep.places.filter((place) => place.modelId === modelId).map((place) => place.deviceId),
                protocol: sweep.file.protocol,
              }}
            />
          ))}
        </div>
        <div className={css.stack}>
          <Panel name="sweep-next" subject={subject} />
          <Panel name="sweep-volume" subject={subject} />
          <Panel name="sweep-replay" subject={subject} />
          <Panel name="sweep-places" subject={subject} />
        </div>
      </div>
      <Panel name="notes" subject={subject} />
      <Panel name="sweep-trials" subject={subject} />
    </>
  );
}
