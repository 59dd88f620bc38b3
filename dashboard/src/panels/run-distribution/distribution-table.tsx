import { formatMetric, formatNumber, formatRange } from '../../format/number.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import type { Distribution } from './distribution.js';

const ms = (value: number): string => formatMetric('latency_p50_ms', value);
const percent = (share: number): string => `${formatNumber(share * 100)}\u00a0%`;

/** The same picture as numbers. */
export function DistributionTable({
  distribution: { bins, marks, beyond, count },
}: {
  readonly distribution: Distribution;
}) {
  return (
    <details>
      <summary>As a table</summary>
      {marks.length > 0 && (
        <ScrollBox label="Quantiles of the latency">
          <table>
            <thead>
              <tr>
                <th scope="col">Quantile</th>
                <th scope="col" className="number">
                  Latency
                </th>
                <th scope="col" className="number">
                  95 % interval
                </th>
              </tr>
            </thead>
            <tbody>
              {marks.map(({ name, metric, value, low, high }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td className="number">{ms(value)}</td>
                  <td className="number">
                    {low !== undefined &&
                      high !== undefined &&
                      (low === high ? 'all equal' : formatRange(metric, { value, low, high, n: 1, unit: 'ms' }))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
      <ScrollBox label="Histogram of the latency">
        <table>
          <thead>
            <tr>
              <th scope="col" className="number">
                From
              </th>
              <th scope="col" className="number">
                To
              </th>
              <th scope="col" className="number">
                Inferences
              </th>
              <th scope="col" className="number">
                Share
              </th>
              <th scope="col" className="number">
                Up to here
              </th>
            </tr>
          </thead>
          <tbody>
            {bins.map((bin) => (
              <tr key={bin.from}>
                <td className="number">{ms(bin.from)}</td>
                <td className="number">{ms(bin.to)}</td>
                <td className="number">{bin.count}</td>
                <td className="number">{percent(bin.share)}</td>
                <td className="number">{percent(bin.upTo)}</td>
              </tr>
            ))}
            {beyond && (
              <tr>
                <td className="number">{ms(bins.at(-1)!.to)}</td>
                <td className="number">{ms(beyond.most)}</td>
                <td className="number">{beyond.count}</td>
                <td className="number">{percent(beyond.count / count)}</td>
                <td className="number">{percent(1)}</td>
              </tr>
            )}
          </tbody>
        </table>
      </ScrollBox>
    </details>
  );
}
