import { formatBytes } from '@hilltop/contracts';
import { useQuery } from '@tanstack/react-query';
import { useLab, useMe } from '../../app/lab-context.js';
import { usePeopleApi } from '../../link/people-api.js';
import { Ago } from '../../ui/ago.js';
import { CopyLine } from '../../ui/copy-line.js';
import { Empty, Skeleton } from '../../ui/empty.js';
import { Facts } from '../../ui/facts.js';
import { ErrorNotice } from '../../ui/notice.js';
import { Section } from './section.js';

const againMs = 30_000;

/** The coordinator: what it is, what it holds, whether it can work, and how its data is kept. */
export function SystemTab() {
  const { api } = useLab();
  const people = usePeopleApi();
  const me = useMe().data;
  const isGuest = me?.guest !== undefined;
  const lab = useQuery({ queryKey: ['lab'], queryFn: api.lab });
  const ready = useQuery({
    queryKey: ['readyz'],
    queryFn: ({ signal }) => probe('/readyz', signal),
    refetchInterval: againMs,
  });
  const alive = useQuery({
    queryKey: ['healthz'],
    queryFn: ({ signal }) => probe('/healthz', signal),
    refetchInterval: againMs,
  });
  const asked = useQuery({
    queryKey: ['system'],
    queryFn: people.system,
    enabled: me !== undefined && !isGuest,
    refetchInterval: againMs,
  });
  const system = asked.data;
  return (
    <>
      <Section title="Coordinator">
        {asked.isError && <ErrorNotice error={asked.error} onRetry={() => void asked.refetch()} />}
        {isGuest && <Empty>You are watching as a guest; sign in to see how the coordinator is.</Empty>}
        {!isGuest && asked.isPending && <Skeleton />}
        <Facts
          rows={[
            ['Version', lab.data?.version],
            ['Node', system && `${system.node}, ${system.platform}`],
            ['Started', system && <Ago key="started" instant={system.startedAt} />],
            ['Addresses', lab.data?.urls.join(', ')],
            ['Alive (/healthz)', alive.data],
            ['Ready (/readyz)', ready.data],
          ]}
        />
      </Section>
      {system && (
        <Section title="Data">
          <Facts
            rows={[
              ['Directory', <code key="dir">{system.dataDir}</code>],
              ['Size', formatBytes(system.dataBytes)],
              ['Free on its disk', formatBytes(system.diskFreeBytes)],
              ...Object.entries(system.counts).map(([name, count]) => [name, String(count)] as const),
            ]}
          />
        </Section>
      )}
      {system && (
        <Section title="Back up">
          <p className="muted">
            Stop the lab first: then the directory is all there is, and whole. The copy holds the lab's keys; keep it
            where others cannot read it.
          </p>
          <CopyLine label="command to back up" text={`tar -C '${system.dataDir}' -czf hilltop-backup.tgz .`} />
        </Section>
      )}
    </>
  );
}

/** `ok`, or what the lab says is wrong. */
async function probe(path: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(path, { signal });
  if (response.ok) return 'ok';
  const body = (await response.json().catch(() => ({}))) as { detail?: unknown };
  return typeof body.detail === 'string' ? body.detail : `answered ${response.status}`;
}
