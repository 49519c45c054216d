import type { Clock, Random } from '@palang/contract/clock';
import type { Database } from '@palang/db/database';
import type { Principal } from './principal.js';
import { digestOf } from './secrets.js';
import type { Users } from './users.js';

/** A session that is not used for so long ends. */
export const SESSION_LIFE = 12 * 3_600_000;
/** Uses are written down at most this often: a busy screen shall not cost a write per request. */
const TOUCH_EVERY = 60_000;

/** Sessions of people who signed in. The token is 256 random bits; only its hash is stored, so that a stolen database opens nothing. */
export interface WebSessions {
  /** Returns the token for the cookie. */
  begin(user: Principal, from: { readonly ip: string; readonly agent: string }): Promise<string>;
  /** Who the token stands for, or null. Using a session prolongs it; `prolonged` says when the cookie should be sent again. */
  find(token: string): Promise<{ readonly user: Principal; readonly prolonged: boolean } | null>;
  end(token: string): Promise<void>;
}

interface Row {
  readonly user_id: string;
  readonly seen_at: number;
  readonly expires_at: number;
}

export function createWebSessions(db: Database, users: Users, clock: Clock, random: Random): WebSessions {
  return {
    async begin(user, { ip, agent }) {
      const token = Buffer.from(random.hex(32), 'hex').toString('base64url');
      const now = clock.wall();
      await db.execute('DELETE FROM web_sessions WHERE expires_at < ?', [now]);
      await db.insert(
        'web_sessions',
        ['token_hash', 'user_id', 'created_at', 'seen_at', 'expires_at', 'ip', 'agent'],
        [[digestOf(token), user.id, now, now, now + SESSION_LIFE, ip.slice(0, 64), agent.slice(0, 200)]],
      );
      return token;
    },

    async find(token) {
      const now = clock.wall();
      const key = digestOf(token);
      const [row] = await db.query<Row>(
        'SELECT user_id, seen_at, expires_at FROM web_sessions WHERE token_hash = ? AND expires_at > ?',
        [key, now],
      );
      if (row === undefined) return null;
      const user = await users.byId(row.user_id);
      if (user === null) return null;
      const prolonged = now - Number(row.seen_at) > TOUCH_EVERY;
      if (prolonged) {
        await db.execute('UPDATE web_sessions SET seen_at = ?, expires_at = ? WHERE token_hash = ?', [
          now,
          now + SESSION_LIFE,
          key,
        ]);
      }
      return { user, prolonged };
    },

    async end(token) {
      await db.execute('DELETE FROM web_sessions WHERE token_hash = ?', [digestOf(token)]);
    },
  };
}
