import { type Comparison, pointLabel } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useLab } from '../../app/lab-context.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import css from './compare.module.css';
import { recipeDifferences, settingsDifferences } from './compare-model.js';
import { letterOf } from './letter.js';

/** What was done differently: passes, their parameters, run settings. */
export function Differences({ points }: { readonly points: Comparison['points'] }) {
  const { api } = useLab();
  const recipes = useQuery({ queryKey: ['recipes'], queryFn: api.recipes, staleTime: 60_000 });
  const chosen = points.map(({ recipe }) => recipes.data?.find(({ name }) => name === recipe));
  const rows = [...recipeDifferences(chosen), ...settingsDifferences(points.map(({ settings }) => settings))];
  if (!recipes.data || rows.length === 0) return null;
  return (
    <details>
      <summary>What was done differently ({rows.length})</summary>
      <ScrollBox label="Differences of recipes and settings">
        <table>
          <thead>
            <tr>
              <th scope="col">Pass, parameter or setting</th>
              {points.map((point, i) => (
                <th key={point.key} scope="col">
                  {letterOf(i)} {pointLabel(point)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ what, values }) => (
              <tr key={what}>
                <th scope="row" className={css.metric}>
                  {what}
                </th>
                {values.map((value, i) => (
                  <td key={points[i]!.key}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </details>
  );
}
