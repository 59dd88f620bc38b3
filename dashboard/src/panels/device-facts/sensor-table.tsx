import { type Sensor, sensorWords } from '@hilltop/contracts';
import { formatNumber } from '../../format/number.js';
import { ScrollBox } from '../../ui/scroll-box.js';

const writing = { number: formatNumber, space: '\u00a0' };

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
            <th scope="col" className="number">
              Limit
            </th>
            <th scope="col">Uncertainty</th>
          </tr>
        </thead>
        <tbody>
          {sensors
            .map((sensor) => sensorWords(sensor, writing))
            .map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  <code>{row.id}</code>
                </th>
                <td>{row.reads}</td>
                <td>{row.scope}</td>
                <td className="number">{row.step}</td>
                <td className="number">{row.every}</td>
                <td className="number">{row.limit}</td>
                <td title={row.source || undefined}>{row.uncertainty}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
