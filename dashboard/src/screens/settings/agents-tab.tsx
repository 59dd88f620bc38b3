import type { Device } from '@hilltop/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useBlocked, useTopic, useValues } from '../../app/lab-context.js';
import { useDialogs } from '../../dialogs/dialogs-context.js';
import { usePeopleApi } from '../../link/people-api.js';
import { Ago } from '../../ui/ago.js';
import { Button } from '../../ui/button.js';
import { ConfirmButton } from '../../ui/confirm-button.js';
import { CopyLine } from '../../ui/copy-line.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { ErrorNotice } from '../../ui/notice.js';
import { ScrollBox } from '../../ui/scroll-box.js';
import { Section } from './section.js';
import css from './settings.module.css';

/** Programs beside the hardware: which version, when heard, what they serve. */
export function AgentsTab() {
  const people = usePeopleApi();
  const queries = useQueryClient();
  const { open } = useDialogs();
  const byOperator = useBlocked('operator');
  const byAdmin = useBlocked('admin');
  const devices = useTopic('lab').entities.device;
  const asked = useQuery({ queryKey: ['agents'], queryFn: people.agents, refetchInterval: 15_000 });
  const revoke = useMutation({
    mutationFn: people.revokeAgent,
    onSettled: () => queries.invalidateQueries({ queryKey: ['agents'] }),
  });
  const all = useValues(devices);
  return (
    <>
      <Section
        title="Agents"
        actions={
          <Button blocked={byOperator} onClick={() => open('add-device')}>
            Add a device
          </Button>
        }
      >
        {asked.isError && <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />}
        {asked.isPending && <Skeleton />}
        {asked.data?.length === 0 && (
          <Empty>No agent has joined. Add a device: it shows the line to paste on its machine.</Empty>
        )}
        {asked.data && asked.data.length > 0 && (
          <ScrollBox label="Agents">
            <table>
              <thead>
                <tr>
                  <th scope="col">Agent</th>
                  <th scope="col">State</th>
                  <th scope="col">Version</th>
                  <th scope="col">Last seen</th>
                  <th scope="col">Devices</th>
                  <th scope="col">
                    <span className="hidden">Revoke</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {asked.data.map((agent) => {
                  const own = all.filter(({ agentId }) => agentId === agent.id);
                  return (
                    <tr key={agent.id} className={agent.revokedAt ? css.gone : undefined}>
                      <th scope="row">{agent.name}</th>
                      <td>{agent.revokedAt ? 'revoked' : agent.connected ? 'connected' : 'away'}</td>
                      <td>{agent.version ?? own[0]?.agentVersion}</td>
                      <td>
                        {agent.connected ? 'now' : agent.lastSeenAt ? <Ago instant={agent.lastSeenAt} /> : 'never'}
                      </td>
                      <td>
                        <ul className={css.list}>
                          {own.map((device) => (
                            <Served key={device.id} device={device} />
                          ))}
                        </ul>
                      </td>
                      <td className={css.end}>
                        {!agent.revokedAt && (
                          <ConfirmButton
                            word="Revoke"
                            label={`the key of ${agent.name}`}
                            blocked={byAdmin}
                            onConfirm={() => revoke.mutate(agent.id)}
                          />
                        )}
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </ScrollBox>
        )}
        {revoke.isError && <ErrorNotice error={revoke.error} />}
      </Section>
      <Section title="What works on a machine">
        <p className="muted">
          Runtimes, sensors, serial ports and permissions, with the remedy for each lack. Type it on that machine:
        </p>
        <CopyLine label="command that checks a machine" text="hilltop-agent --doctor" />
      </Section>
    </>
  );
}

function Served({ device }: { readonly device: Device }) {
  const { arch, os, runtimes } = device.facts;
  const facts = [os === 'none' ? '' : os, arch, ...runtimes.map(({ name }) => name)].filter(Boolean);
  return (
    <li>
      <Link href={`/devices/${encodeURIComponent(device.name)}`}>{device.name}</Link>{' '}
      <span className="muted">{facts.join(', ')}</span>
    </li>
  );
}
