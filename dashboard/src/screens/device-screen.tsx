import { useTopic, useValues } from '../app/lab-context.js';
import { DeviceHead } from '../panels/device-head/device-head.js';
import { Panel } from '../panels/panel.js';
import { Skeleton } from '../ui/empty.js';
import { EmulatedBadge } from '../ui/emulated-badge.js';
import { Field } from '../ui/field.js';
import { DeviceStateMark } from '../ui/state-mark.js';
import { useResolved } from '../ui/use-resolved.js';
import { useView } from '../view/use-view.js';
import { NotFoundScreen } from './not-found-screen.js';
import css from './screen.module.css';
import { ScreenHead } from './screen-head.js';

/** One device: its frontier for a model, the live trace, its runs, its facts. */
export function DeviceScreen({ id }: { readonly id: string }) {
  const found = useResolved('device', id);
  const deviceId = found.state === 'found' ? found.value.id : undefined;
  const topic = useTopic(deviceId ? `device/${deviceId}` : undefined);
  const models = useTopic('lab').entities.model;
  const runs = useValues(topic.entities.run);
  const [view, change] = useView();
  if (found.state === 'waiting') return <Skeleton rows={6} />;
  if (found.state === 'missing') return <NotFoundScreen what={`The device ${id}`} />;
  const device = found.value;
  const newestFirst = [...runs].sort((a, b) => b.queuedAt.localeCompare(a.queuedAt));
  const measured = [...new Set(newestFirst.map((run) => run.modelId))].flatMap((modelId) => models.get(modelId) ?? []);
  const model = measured.find((each) => each.id === view.model || each.name === view.model) ?? measured[0];
  return (
    <>
      <ScreenHead title={device.name} crumbs={[['Lab', '/']]}>
        {device.emulated && <EmulatedBadge />}
        <DeviceStateMark state={device.state} />
        {device.stateReason && <span>{device.stateReason}</span>}
        <span className="muted">
          {device.type}
          {device.queued > 0 && ` · ${device.queued} ${device.queued === 1 ? 'run' : 'runs'} waiting`}
        </span>
      </ScreenHead>
      <DeviceHead device={device} />
      <div className={css.two}>
        <div className={css.stack}>
          {measured.length > 1 && (
            <Field label="Model" layout="inline">
              {(control) => (
                <select
                  {...control}
                  value={model?.name}
                  onChange={(event) => change({ model: event.target.value, sel: undefined })}
                >
                  {measured.map((each) => (
                    <option key={each.id}>{each.name}</option>
                  ))}
                </select>
              )}
            </Field>
          )}
          {model && (
            <Panel
              key={model.id}
              name="frontier"
              title={`Frontier of ${model.name}`}
              subject={{ deviceId: device.id, modelId: model.id }}
            />
          )}
          {model && view.compare && <Panel name="compare" subject={{ deviceId: device.id, modelId: model.id }} />}
          <Panel name="health-history" subject={{ deviceId: device.id }} />
          <Panel name="notes" subject={{ deviceId: device.id }} />
        </div>
        <div className={css.stack}>
          <Panel name="trace" subject={{ deviceId: device.id }} />
          <Panel name="device-sensors" subject={{ deviceId: device.id }} />
          <Panel name="leases" subject={{ deviceId: device.id }} />
          <Panel name="device-facts" subject={{ deviceId: device.id }} />
        </div>
      </div>
      {device.kind === 'microcontroller' && <Panel name="console" subject={{ deviceId: device.id }} />}
      <Panel name="device-runs" subject={{ deviceId: device.id }} />
    </>
  );
}
