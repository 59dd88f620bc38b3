import { isLabError, LabError } from '@hilltop/contracts';
import type { AgentPorts } from './agent.js';
import { nextBackoff } from './backoff.js';
import type { AgentConfig } from './config.js';
import { openDataDir } from './data-dir.js';
import {
  type Identity,
  loadIdentity,
  loadMembership,
  type Membership,
  renewIdentity,
  saveMembership,
  sha256Hex,
} from './identity.js';
import { join } from './join.js';
import { pause } from './pause.js';

export type JoinPorts = Pick<AgentPorts, 'report' | 'fetch' | 'signal'>;

export interface Member {
  readonly identity: Identity;
  readonly membership: Membership;
}

/** Joins and leaves it at that; for who installs a service. */
export async function enrol(config: AgentConfig, ports: JoinPorts): Promise<void> {
  const dir = await openDataDir(config.dataDir);
  try {
    await becomeMember(config, ports);
  } finally {
    await dir.release();
  }
}

/** The stored membership, or a new one by the token; undefined when stopped before. Throws `join.*`, `request.invalid`. */
export async function becomeMember(config: AgentConfig, ports: JoinPorts): Promise<Member | undefined> {
  const identity = await loadIdentity(config.dataDir);
  const stored = await loadMembership(config.dataDir);
  const { token } = config;
  const url = config.url ?? stored?.url;
  if (stored && url && (!token || stored.tokenHash === sha256Hex(token)))
    return { identity, membership: { ...stored, url } };
  if (!url) throw wrongUse('which lab? give its address, such as hilltop-agent http://lab:7070 --token hlt_join_…');
  if (!token) {
    throw wrongUse(
      'this agent has not joined a lab yet: get a token with "hilltop token create --kind join" and give it with --token',
    );
  }
  const attempt = (who: Identity) => join({ url, token, name: config.name, identity: who, fetch: ports.fetch });
  const joined = await patiently(ports, async (): Promise<Member> => {
    try {
      return { identity, membership: await attempt(identity) };
    } catch (error) {
      // Whoever gives a removed agent a new token wants it back: as a new one, with a new key.
      if (!isLabError(error, 'auth.revoked')) throw error;
      const fresh = await renewIdentity(config.dataDir);
      return { identity: fresh, membership: await attempt(fresh) };
    }
  }).catch((error: unknown): Member => {
    // A member of the same lab stays one, also with a token that is spent.
    const known = stored && stored.fingerprint === token.split('.')[1];
    if (known && isLabError(error) && error.code.startsWith('join.'))
      return { identity, membership: { ...stored, url } };
    throw error;
  });
  if (!joined) return undefined;
  const { agentId, labId } = joined.membership;
  await saveMembership(config.dataDir, joined.membership);
  ports.report({ event: 'joined', agentId, labId, url });
  return joined;
}

/** Tries again for ever while the lab is away or overrun; a refusal is final. */
async function patiently<T>(ports: JoinPorts, work: () => Promise<T>): Promise<T | undefined> {
  for (let failures = 0; !ports.signal.aborted; failures++) {
    try {
      return await work();
    } catch (error) {
      if (!isLabError(error) || !(error.code === 'link.unreachable' || error.status === 429 || error.status >= 500))
        throw error;
      ports.report({ event: 'waiting', reason: error.message });
      const { delayMs } = nextBackoff({ failures, shortCloses: 0 }, { kind: 'unreachable' }, Math.random());
      await pause(Math.max(250, delayMs), ports.signal);
    }
  }
  return undefined;
}

function wrongUse(message: string): LabError {
  return new LabError('request.invalid', message);
}
