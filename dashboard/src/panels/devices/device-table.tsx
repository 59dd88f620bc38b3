import { ordinal } from '@hilltop/contracts';
import { memo } from 'react';
import { Link } from 'wouter';
import { formatShare } from '../../format/number.js';
import { EmulatedBadge } from '../../ui/emulated-badge.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { DeviceStateMark } from '../../ui/state-mark.js';
import { holderText } from '../leases/lease-words.js';
import { sameFacts } from './card-facts.js';
import { DeviceButtons } from './device-buttons.js';
import { clockOf, type DeviceCardProps, Watchers } from './device-card.js';
import { progressText } from './progress-text.js';
import { sparksOf } from './spark.js';
import { sparkText } from './sparkline.js';
import { useCardPulse } from './use-card-pulse.js';

/** Devices as rows, for labs of many. */
export function DeviceTable({ label, rows }: { readonly label: string; readonly rows: readonly DeviceCardProps[] }) {
  return (
    <ScrollBox label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">State</th>
            <th scope="col">Holder</th>
            <th scope="col">Now</th>
            <th scope="col">Measured</th>
            <th scope="col" className="number">
              Runs waiting
            </th>
            <th scope="col">Queue</th>
            <th scope="col">
              <span className="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <DeviceRow key={row.device.id} {...row} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

const DeviceRow = memo(
  function DeviceRow({ device, facts }: DeviceCardProps) {
    const { current, isMine, where, queue, place, watchers } = facts;
    const pulse = useCardPulse(device.id);
    const run = device.currentRunId === undefined ? undefined : pulse?.newest.run;
    const values = pulse ? sparksOf([], pulse.newest) : [];
    return (
      <tr data-testid={`device-row-${device.name}`} data-state={device.state}>
        <th scope="row">
          <Link href={`/devices/${device.name}`}>{device.name}</Link> {device.emulated && <EmulatedBadge />}
        </th>
        <td>
          <DeviceStateMark state={device.state} /> {device.stateReason}
        </td>
        <td>{current && holderText(current, isMine, where, clockOf)}</td>
        <td>{run && `${run.recipe}, ${progressText(run)}, ${formatShare(run.fraction)}`}</td>
        <td>{values.map(({ key, newest }) => sparkText(key, newest)).join(' · ')}</td>
        <td className="number">{device.queued}</td>
        <td>
          {queue.length > 0 && queue.length}
          {place !== undefined && `, you are ${ordinal(place)}`}
        </td>
        <td>
          <DeviceButtons device={device} facts={facts} />
          <Watchers watchers={watchers} />
        </td>
      </tr>
    );
  },
  (before, after) => before.device === after.device && sameFacts(before.facts, after.facts),
);
