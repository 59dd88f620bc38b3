import { Link } from 'wouter';
import { useTopic } from '../../app/lab-context.js';
import { formatNumber } from '../../format/number.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import type { PanelProps } from '../panel-name.js';

/** Where a sweep searches: how far it is on each device, and what it waits for. */
export function SweepPlacesPanel({ subject }: PanelProps) {
  const topic = useTopic(subject.sweepId ? `sweep/${subject.sweepId}` : undefined);
  const sweep = topic.entities.sweep.get(subject.sweepId ?? '');
  if (!sweep) return topic.phase === 'waiting' ? <Skeleton /> : <Empty>This sweep is not known here.</Empty>;
  if (sweep.places.length === 0) return <Empty>Its variants are made first; then it says where it searches.</Empty>;
  return (
    <ScrollBox label="Devices and models, each with its progress">
      <table>
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">Model</th>
            <th scope="col" className="number">
              Measured
            </th>
            <th scope="col" className="number">
              Open
            </th>
            <th scope="col" className="number">
              Failed
            </th>
            <th scope="col" className="number">
              Hypervolume
            </th>
            <th scope="col">Now</th>
          </tr>
        </thead>
        <tbody>
          {sweep.places.map((place) => (
            <tr key={`${place.deviceId} ${place.modelId}`} data-testid={`sweep-place-${place.deviceName}`}>
              <th scope="row">
                <Link href={`/devices/${place.deviceName}`}>{place.deviceName}</Link>
              </th>
              <td>
                <Link href={`/models/${place.modelName}`}>{place.modelName}</Link>
              </td>
              <td className="number">
                {place.measured}
                {/* Controls and repetitions are measured beside the points. */}
                <span className="muted"> for {place.points} points</span>
              </td>
              <td className="number">{place.open}</td>
              <td className="number">{place.failed}</td>
              <td className="number">{place.hypervolume === undefined ? '' : formatNumber(place.hypervolume)}</td>
              <td>{place.note ?? (place.ended ? 'ended' : 'searching')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
