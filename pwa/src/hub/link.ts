/** What is known of the way to the hub. Times are on the app's clock. */
export type Link =
  | { readonly state: 'connecting'; readonly since: number }
  | { readonly state: 'online'; readonly since: number; readonly heardAt: number; readonly roundTrip: number | null }
  | {
      readonly state: 'offline';
      readonly since: number;
      readonly retryAt: number | null;
      /** Wrong state of the hub's door rather than of the network: shown as such. */
      readonly reason: 'unreachable' | 'silent' | 'closed';
    };

/** The hub is taken for lost after this many ms without a word; pings go every PING_EVERY, so three are missed by then. */
export const SILENT_AFTER = 6_000;
export const PING_EVERY = 2_000;

/** A loss does not restart the count of how long the hub has been away. */
export function lost(link: Link, reason: 'unreachable' | 'silent' | 'closed', now: number): Link {
  const since = link.state === 'offline' ? link.since : link.state === 'online' ? link.heardAt : now;
  return { state: 'offline', since, retryAt: null, reason };
}
