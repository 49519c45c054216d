import type { IncomingHttpHeaders } from 'node:http';
import { CodedError } from '@palang/contract/errors';
import type { ApiKeys } from './apiKeys.js';
import type { Attempts } from './attempts.js';
import type { Principal } from './principal.js';
import type { WebSessions } from './webSessions.js';

export interface Authenticated {
  readonly principal: Principal;
  /** The session's token; null for an API key. */
  readonly token: string | null;
  /** The cookie should be sent again, with a new life. */
  readonly prolonged: boolean;
}

export interface Asker {
  readonly headers: IncomingHttpHeaders;
  readonly secure: boolean;
  readonly ip: string;
}

/** Tells who sends a request or an upgrade; null for nobody. */
export interface Authenticator {
  /** @throws CodedError `bad_credentials` for a key or scheme that is not ours, `too_many_requests`. */
  identify(asker: Asker): Promise<Authenticated | null>;
}

export function createAuthenticator(sessions: WebSessions, keys: ApiKeys, attempts: Attempts): Authenticator {
  return {
    async identify({ headers, secure, ip }) {
      if (headers.authorization !== undefined) {
        const key = bearerOf(headers.authorization);
        const known = keys.find(key);
        if (known !== null) return { principal: known, token: null, prolonged: false };
        return attempts.guard('key', '', ip, () => {
          throw new CodedError('bad_credentials', 'This API key is unknown or revoked');
        });
      }
      const token = cookieOf(headers.cookie, cookieName(secure));
      if (token === null) return null;
      const found = await sessions.find(token);
      return found === null ? null : { principal: found.user, token, prolonged: found.prolonged };
    },
  };
}

/** Under TLS the name binds the cookie to this host and to TLS; a plain-HTTP LAN cannot have that and still signs in. */
export function cookieName(secure: boolean): string {
  return secure ? '__Host-sid' : 'sid';
}

/** @throws CodedError `bad_credentials` for another scheme. */
export function bearerOf(authorization: string): string {
  const [, key] = /^Bearer ([\w.~+/=-]{1,512})$/i.exec(authorization) ?? [];
  if (key === undefined) throw new CodedError('bad_credentials', 'Expected Authorization: Bearer and a key');
  return key;
}

function cookieOf(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value !== undefined && value !== '') return value;
  }
  return null;
}
