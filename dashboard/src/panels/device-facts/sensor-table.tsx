import type { Sensor } from '@hilltop/contracts';
import { ScrollBox } from '../../ui/scroll-box.js';
import { sensorRows } from './sensor-rows.js';

/** What can be read beside a run of a device. */
export function SensorTable({ sensors }: { readonly sensors: readonly Sensor[] }) {
  return (
    <ScrollBox label="Sensors">
      <table>
        <thead>
          <tr>
            <th scope="col">Sensor</th>
            <th scope="col">Reads</th>
            <th scope="col">Scope</th>
            <th scope="col" className="number">
              Step
            </th>
            <th scope="col" className="number">
              New every
            </th>
            <th scope="col">Uncertainty</th>
          </tr>
        </thead>
        <tbody>
          {sensorRows(sensors).map((row) => (
            <tr key={row.id}>
              <th scope="row">
                <code>{row.id}</code>
              </th>
              <td>{row.reads}</td>
              <td>{row.scope}</td>
              <td className="number">{row.step}</td>
              <td className="number">{row.every}</td>
              <td title={row.source}>{row.uncertainty}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
