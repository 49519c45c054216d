import type { ApiKeys } from '../access/apiKeys.js';
import type { Attempts } from '../access/attempts.js';
import { mustBeAbleTo, type Principal, presentMe } from '../access/principal.js';
import type { Setup } from '../access/setup.js';
import type { Users } from '../access/users.js';
import type { WebSessions } from '../access/webSessions.js';
import type { Audit } from '../audit/audit.js';
import { type Call, type Handlers, type RouteName, setSessionCookie } from '../http/routes.js';

export interface AccessParts {
  readonly users: Users;
  readonly webSessions: WebSessions;
  readonly apiKeys: ApiKeys;
  readonly setup: Setup;
  readonly attempts: Attempts;
  readonly audit: Audit;
}

type AccessRoute = 'setupState' | 'setup' | 'signIn' | 'signOut' | 'me' | 'audit' | 'createKey' | 'revokeKey';

/** Signing in and out, the first administrator, API keys, and the log of who did what. */
export function accessRoutes(parts: AccessParts): Pick<Handlers, AccessRoute> {
  const { users, webSessions, apiKeys, setup, attempts, audit } = parts;

  async function welcome(call: Call<RouteName>, user: Principal) {
    const token = await webSessions.begin(user, { ip: call.ctx.ip, agent: call.ctx.get('user-agent') });
    setSessionCookie(call.ctx, token);
    return presentMe(user);
  }

  return {
    setupState: async () => ({ needed: setup.needed() }),

    setup: async (call) => {
      const { code, name, password } = call.input;
      const act = { actor: call.actor, action: 'setup', target: name, requestId: call.requestId };
      const user = await attempts.guard('setup', '', call.ctx.ip, () =>
        audit.carryOut(act, () => setup.carryOut(code, name, password)),
      );
      return welcome(call, user);
    },

    signIn: async (call) => {
      const { name, password } = call.input;
      const act = { actor: call.actor, action: 'sign_in', target: name, requestId: call.requestId };
      const user = await attempts.guard('sign_in', name, call.ctx.ip, () =>
        audit.carryOut(act, () => users.signIn(name, password)),
      );
      return welcome(call, user);
    },

    signOut: async (call) => {
      if (call.token !== null) await webSessions.end(call.token);
      setSessionCookie(call.ctx, null);
      call.ctx.status = 204;
    },

    me: async (call) => presentMe(call.principal),

    audit: async (call) => {
      const { after, limit = 100 } = call.query;
      const [entries, { brokenAt }] = await Promise.all([audit.page({ after, limit }), audit.verify()]);
      return { verified: brokenAt === null, broken_at: brokenAt, entries };
    },

    createKey: async (call) => {
      const { name, permissions } = call.input;
      const target = `${name}: ${permissions.join(' ')}`;
      const act = { actor: call.actor, action: 'key.create', target, requestId: call.requestId };
      return audit.carryOut(act, async () => {
        // Nobody hands on what they do not have: a key that makes keys would have every right otherwise.
        for (const permission of permissions) mustBeAbleTo(call.principal, permission);
        return apiKeys.create(name, permissions);
      });
    },

    revokeKey: async (call) => {
      const act = { actor: call.actor, action: 'key.revoke', target: call.params.id, requestId: call.requestId };
      await audit.carryOut(act, () => apiKeys.revoke(call.params.id));
      call.ctx.status = 204;
    },
  };
}
