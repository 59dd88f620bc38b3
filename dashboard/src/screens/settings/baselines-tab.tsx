import { hasSweepEnded } from '@hilltop/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useBlocked, useTopic } from '../../app/lab-context.js';
import { usePeopleApi } from '../../link/people-api.js';
import { Ago } from '../../ui/ago.js';
import { Button } from '../../ui/button.js';
import { ConfirmButton } from '../../ui/confirm-button.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { Field } from '../../ui/field.js';
import { ErrorNotice } from '../../ui/notice.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { Section } from './section.js';
import css from './settings.module.css';

/** Reference results by name, and what was held against them. */
export function BaselinesTab() {
  return (
    <>
      <Baselines />
      <PinBaseline />
      <Gates />
    </>
  );
}

function Baselines() {
  const people = usePeopleApi();
  const queries = useQueryClient();
  const blocked = useBlocked('operator');
  const asked = useQuery({ queryKey: ['baselines'], queryFn: people.baselines });
  const remove = useMutation({
    mutationFn: people.removeBaseline,
    onSettled: () => queries.invalidateQueries({ queryKey: ['baselines'] }),
  });
  return (
    <Section title="Baselines">
      {asked.isError && <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />}
      {asked.isPending && <Skeleton />}
      {asked.data?.length === 0 && <Empty>No baseline yet. Pin a sweep that has ended: gates compare with it.</Empty>}
      {asked.data && asked.data.length > 0 && (
        <ScrollBox label="Baselines">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Sweep</th>
                <th scope="col">Pinned</th>
                <th scope="col">
                  <span className="hidden">Remove</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {asked.data.map((each) => (
                <tr key={each.id}>
                  <th scope="row">{each.name}</th>
                  <td>
                    <Link href={`/sweeps/${each.sweepId}`}>{each.sweepName}</Link>
                  </td>
                  <td className="muted">
                    {each.createdBy} <Ago instant={each.createdAt} />
                  </td>
                  <td className={css.end}>
                    <ConfirmButton
                      word="Remove"
                      label={`the baseline ${each.name}`}
                      blocked={blocked}
                      onConfirm={() => remove.mutate(each.id)}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
      {remove.isError && <ErrorNotice error={remove.error} />}
    </Section>
  );
}

function PinBaseline() {
  const people = usePeopleApi();
  const queries = useQueryClient();
  const blocked = useBlocked('operator');
  const all = useTopic('lab').entities.sweep;
  const sweeps = useMemo(
    () =>
      [...all.values()]
        .filter(({ state }) => hasSweepEnded(state))
        .sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
    [all],
  );
  const [name, setName] = useState('');
  const [sweep, setSweep] = useState('');
  const [replace, setReplace] = useState(false);
  const chosen = sweep || sweeps[0]?.id;
  const pin = useMutation({
    mutationFn: () => people.pinBaseline({ name: name.trim(), sweep: chosen!, replace }),
    onSuccess: () => setName(''),
    onSettled: () => queries.invalidateQueries({ queryKey: ['baselines'] }),
  });
  return (
    <Section title="Pin a baseline">
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (blocked === undefined && name.trim() !== '' && chosen !== undefined) pin.mutate();
        }}
      >
        <Field label="Name">
          {(control) => (
            <input
              {...control}
              required
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="Sweep that has ended">
          {(control) => (
            <select {...control} value={chosen ?? ''} onChange={(event) => setSweep(event.target.value)}>
              {sweeps.length === 0 && <option value="">none yet</option>}
              {sweeps.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.name} {each.id}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div className={css.group}>
          <label>
            <input type="checkbox" checked={replace} onChange={(event) => setReplace(event.target.checked)} />
            Move the name if it is taken
          </label>
        </div>
        <Button
          type="submit"
          kind="primary"
          blocked={blocked ?? (sweeps.length === 0 ? 'No sweep has ended yet.' : undefined)}
          disabled={pin.isPending}
        >
          Pin
        </Button>
      </form>
      {pin.isError && <ErrorNotice error={pin.error} />}
    </Section>
  );
}

function Gates() {
  const people = usePeopleApi();
  const asked = useQuery({ queryKey: ['gates'], queryFn: people.gates });
  return (
    <Section title="Gates">
      {asked.isError && <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />}
      {asked.isPending && <Skeleton />}
      {asked.data?.length === 0 && <Empty>Nothing was held against a baseline yet.</Empty>}
      <ul className={css.list}>
        {asked.data?.map((gate) => (
          <li key={gate.id}>
            <Link href={`/gates/${gate.id}`}>
              {gate.sweepName} against {gate.baselineName}
            </Link>{' '}
            <strong>{gate.verdict}</strong>{' '}
            <span className="muted">
              worse {gate.counts.worse} · improved {gate.counts.improved} · <Ago instant={gate.createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
