import type { Variant } from '@hilltop/contracts';
import { formatBytes, formatMetric } from '../../format/number.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import css from './memory-plan.module.css';

/** What each variant takes on a board, or why it cannot be there. */
export function PlanTable({ variants }: { readonly variants: readonly Variant[] }) {
  return (
    <ScrollBox label="Variants on microcontrollers">
      <table>
        <thead>
          <tr>
            <th scope="col">Variant</th>
            <th scope="col" className="number">
              Plan
            </th>
            <th scope="col" className="number">
              Arena
            </th>
            <th scope="col" className="number">
              Together
            </th>
            <th scope="col" className="number">
              MACs
            </th>
          </tr>
        </thead>
        <tbody>
          {variants.map(({ id, recipe, plan, planError }) => (
            <tr key={id}>
              <th scope="row" className={css.name}>
                {recipe}
              </th>
              {plan ? (
                <>
                  <td className="number">{formatBytes(plan.bytes)}</td>
                  <td className="number">{formatBytes(plan.arenaBytes)}</td>
                  <td className="number">{formatBytes(plan.bytes + plan.arenaBytes)}</td>
                  <td className="number">{formatMetric('macs', plan.macs)}</td>
                </>
              ) : (
                <td colSpan={4} className={css.why}>
                  not possible: {planError?.message}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
