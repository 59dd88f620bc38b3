import { isLabError, LabError } from '@hilltop/contracts';
import type { AgentPorts } from './agent.js';
import { nextBackoff } from './backoff.js';
import type { AgentConfig } from './config.js';
import { openDataDir } from './data-dir.js';
import { type Identity, loadIdentity, loadMembership, type Membership, saveMembership, sha256Hex } from './identity.js';
import { join } from './join.js';
import { pause } from './pause.js';

/** Joins and leaves it at that; for who installs a service. */
export async function enrol(config: AgentConfig, ports: JoinPorts): Promise<void> {
  const dir = await openDataDir(config.dataDir);
  try {
    await becomeMember(config, await loadIdentity(dir.path), ports);
  } finally {
    await dir.release();
  }
}

export type JoinPorts = Pick<AgentPorts, 'report' | 'fetch' | 'signal'>;

/** The stored membership, or a new one by the token; undefined when stopped before. */
export async function becomeMember(
  config: AgentConfig,
  identity: Identity,
  ports: JoinPorts,
): Promise<Membership | undefined> {
  const stored = await loadMembership(config.dataDir);
  const same = !config.token || stored?.tokenHash === sha256Hex(config.token);
  if (stored && same) return { ...stored, url: config.url ?? stored.url };
  const url = config.url ?? stored?.url;
  if (!url)
    throw new LabError(
      'request.invalid',
      'which lab? give its address, such as hilltop-agent http://lab:7070 --token hlt_join_…',
    );
  if (!config.token)
    throw new LabError(
      'request.invalid',
      'this agent has not joined a lab yet: get a token with "hilltop token create --kind join" and give it with --token',
    );
  for (let failures = 0; !ports.signal.aborted; failures++) {
    try {
      const membership = await join({ url, token: config.token, name: config.name, identity, fetch: ports.fetch });
      await saveMembership(config.dataDir, membership);
      ports.report({ event: 'joined', agentId: membership.agentId, labId: membership.labId, url });
      return membership;
    } catch (error) {
      // A member of the same lab stays one, also with a token that is spent.
      if (
        stored &&
        isLabError(error) &&
        error.code.startsWith('join.') &&
        stored.fingerprint === config.token.split('.')[1]
      )
        return { ...stored, url };
      if (!isLabError(error) || !(error.code === 'link.unreachable' || error.status >= 500)) throw error;
      ports.report({ event: 'waiting', reason: error.message });
      const { delayMs } = nextBackoff({ failures, shortCloses: 0 }, { kind: 'unreachable' }, Math.random());
      await pause(Math.max(250, delayMs), ports.signal);
    }
  }
  return undefined;
}
