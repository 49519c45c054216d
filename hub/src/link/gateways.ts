import { LaneDescription } from '@palang/contract/link/live';
import type { Database } from '@palang/db/database';

export interface Gateways {
  /** Gateways whose lanes are known, revoked ones left out. */
  described(): readonly { readonly name: string; readonly lanes: readonly LaneDescription[] }[];
  /** Null when unknown or revoked. Asked anew each time: revoking must work at once. */
  publicKey(name: string): Promise<string | null>;
  /** Keeps a gateway's description of its lanes for the time when it is away. */
  remember(name: string, lanes: readonly LaneDescription[]): Promise<void>;
}

export async function loadGateways(database: Database): Promise<Gateways> {
  const rows = await database.query<{ name: string; lanes: string }>(
    'SELECT name, lanes FROM gateways WHERE revoked_at IS NULL AND lanes IS NOT NULL',
  );
  const remembered = new Map(rows.map(({ name, lanes }) => [name, lanes]));
  return {
    described: () =>
      [...remembered].map(([name, text]) => ({
        name,
        // Written by an older build perhaps: a lane that no longer fits waits for its gateway to say it again.
        lanes: (JSON.parse(text) as unknown[]).flatMap((lane) => {
          const parsed = LaneDescription.safeParse(lane);
          return parsed.success ? [parsed.data] : [];
        }),
      })),
    async publicKey(name) {
      const [row] = await database.query<{ public_key: string }>(
        'SELECT public_key FROM gateways WHERE name = ? AND revoked_at IS NULL',
        [name],
      );
      return row?.public_key ?? null;
    },
    async remember(name, lanes) {
      const text = JSON.stringify(lanes);
      if (remembered.get(name) === text) return;
      await database.execute('UPDATE gateways SET lanes = ? WHERE name = ?', [text, name]);
      remembered.set(name, text);
    },
  };
}
