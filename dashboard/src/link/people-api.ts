import {
  Activity,
  type ActivityQuery,
  Agent,
  Baseline,
  type BaselinePin,
  GateSummary,
  Invitation,
  type InvitationCreate,
  InvitationCreated,
  Mentions,
  pageOf,
  type Role,
  System,
  Token,
  User,
  type UserUpdate,
} from '@hilltop/contracts';
import { useMemo } from 'react';
import { useLab } from '../app/lab-context.js';
import type { Api } from './api.js';
import { Nothing } from './rest.js';

const at = encodeURIComponent;
/** The most a list gives at a time. */
const limit = '200';

/** Calls of the settings, the drawer and the share dialog; fetched with them. Errors: LabError. */
export function peopleApi({ rest }: Pick<Api, 'rest'>) {
  const list = async <S extends Parameters<typeof pageOf>[0]>(path: string, item: S, query = {}) =>
    (await rest(path, pageOf(item), { query: { limit, ...query } })).items;
  const remove = (path: string) => rest(path, Nothing, { method: 'DELETE' });
  return {
    users: () => list('users', User),
    createUser: (name: string, role: Role) => rest('users', User, { method: 'POST', body: { name, role } }),
    updateUser: (id: string, body: UserUpdate) => rest(`users/${at(id)}`, User, { method: 'PATCH', body }),
    removeUser: (id: string) => remove(`users/${at(id)}`),
    tokens: () => list('tokens', Token),
    revokeToken: (id: string) => remove(`tokens/${at(id)}`),
    invitations: () => list('invitations', Invitation),
    invite: (body: InvitationCreate) => rest('invitations', InvitationCreated, { method: 'POST', body }),
    endInvitation: (id: string) => remove(`invitations/${at(id)}`),
    agents: () => list('agents', Agent),
    revokeAgent: (id: string) => remove(`agents/${at(id)}/credentials`),
    baselines: () => list('baselines', Baseline),
    pinBaseline: (body: BaselinePin) => rest('baselines', Baseline, { method: 'POST', body }),
    removeBaseline: (id: string) => remove(`baselines/${at(id)}`),
    gates: () => list('gates', GateSummary),
    system: () => rest('system', System),
    allowGuests: (guests: boolean) => rest('system', System, { method: 'PATCH', body: { guests } }),
    mentions: () => rest('me/mentions', Mentions),
    readMentions: (readUpTo: string) => rest('me/mentions', Mentions, { method: 'PUT', body: { readUpTo } }),
    activities: (query: Partial<Record<keyof ActivityQuery, string>>) => list('activities', Activity, query),
  };
}

export type PeopleApi = ReturnType<typeof peopleApi>;

/** The calls with the session's token. */
export function usePeopleApi(): PeopleApi {
  const { api } = useLab();
  return useMemo(() => peopleApi(api), [api]);
}
