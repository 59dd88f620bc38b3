import type { Gate } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useNightsApi } from '../../link/use-nights-api.js';
import { causesOf } from './causes.js';
import css from './gate.module.css';

/** Same cause? What changed on the devices that regressed, since the baseline. */
export function CausesList({ gate }: { readonly gate: Gate }) {
  const api = useNightsApi();
  const asked = useQuery({
    queryKey: ['gate-environment', gate.id],
    queryFn: () => api.environment(gate.id),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const causes = useMemo(() => causesOf(gate, asked.data ?? []), [gate, asked.data]);
  if (causes.length === 0) return null;
  return (
    <div className={css.causes}>
      <h3>Same cause?</h3>
      <ul>
        {causes.map(({ text, devices, of, rows }) => (
          <li key={text}>
            <strong>{text}</strong> on {devices.length} of {of} {of === 1 ? 'device' : 'devices'} that regressed (
            {devices.join(', ')}), {rows} {rows === 1 ? 'row' : 'rows'}
          </li>
        ))}
      </ul>
    </div>
  );
}
