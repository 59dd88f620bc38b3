import { pointKey, pointLabel } from '@hilltop/contracts';
import { X } from 'lucide-react';
import { useTopic } from '../../app/lab-context.js';
import { Button } from '../../ui/button.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { EmulatedBadge } from '../../ui/emulated-badge.js';
import { useFrontiers } from '../frontier/use-frontiers.js';
import type { PanelProps } from '../panel-name.js';
import css from './compare.module.css';
import { comparable, withReference } from './compare-model.js';
import { DeviceComparison } from './device-comparison.js';
import { letterOf } from './letter.js';

/** The chosen points beside each other: what differs, by how much, and how sure that is. */
export function ComparePanel({ subject }: PanelProps) {
  const modelId = subject.modelId ?? '';
  const { phase, view, change, shown, all, protocol } = useFrontiers(subject);
  const model = useTopic('lab').entities.model.get(modelId);
  if (phase === 'waiting') return <Skeleton rows={4} />;
  const chosen = view.compare ?? [];
  const here = comparable(shown.length > 0 ? shown : all, chosen);
  const names = new Map(all.flatMap(({ points }) => points.map((point) => [pointKey(point), pointLabel(point)])));
  const nameOf = (key: string): string => names.get(key) ?? key;
  const choose = (keys: readonly string[]): void => change({ compare: keys.length > 0 ? keys : undefined });
  return (
    <>
      <ol className={css.chips} aria-label="Compared variants; the first is the reference">
        {chosen.map((key, i) => (
          <li key={key} className={css.chip}>
            <span className={css.letter} aria-hidden="true">
              {letterOf(i)}
            </span>
            <span className={css.name}>{nameOf(key)}</span>
            {i === 0 ? (
              <span className="caption">reference</span>
            ) : (
              <Button
                size="small"
                kind="quiet"
                aria-label={`make reference: ${nameOf(key)}`}
                onClick={() => choose(withReference(chosen, key))}
              >
                make reference
              </Button>
            )}
            <Button
              size="small"
              kind="quiet"
              icon={<X size={14} aria-hidden />}
              aria-label={`Take ${nameOf(key)} out of the comparison`}
              onClick={() => choose(chosen.filter((each) => each !== key))}
            />
          </li>
        ))}
        <li>
          <Button size="small" onClick={() => choose([])}>
            Compare nothing
          </Button>
        </li>
      </ol>
      {chosen.length < 2 && (
        <Empty>Choose another one: in the chart or the matrix, with Space or Shift and a click.</Empty>
      )}
      {chosen.length >= 2 && here.length === 0 && (
        <Empty>
          No device has clean runs of two of these under {protocol ?? 'this protocol'}. Measure them on the same device
          to compare them.
        </Empty>
      )}
      {here.map(({ frontier: { device }, keys }, i) =>
        here.length === 1 ? (
          <div key={device.id} className={css.content}>
            {subject.deviceId === undefined && (
              <h3>
                On {device.name} {device.emulated && <EmulatedBadge />}
              </h3>
            )}
            <DeviceComparison
              modelId={modelId}
              modelName={model?.name ?? modelId}
              device={device}
              keys={keys}
              protocol={protocol}
            />
          </div>
        ) : (
          <details key={device.id} className={css.device} open={i === 0}>
            <summary>
              On {device.name} {device.emulated && <EmulatedBadge />}
            </summary>
            <DeviceComparison
              modelId={modelId}
              modelName={model?.name ?? modelId}
              device={device}
              keys={keys}
              protocol={protocol}
            />
          </details>
        ),
      )}
    </>
  );
}
