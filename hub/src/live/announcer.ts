import type { Cancel, Clock } from '@palang/contract/clock';
import type { Commit, LaneStatus, Ledger } from '../link/ports.js';
import type { Log } from '../log.js';
import type { PresentSessions } from '../sessions/present.js';
import { type Announcement, announcementOfLane, announcementsOf } from './announcements.js';
import { readCapacity } from './systemStatus.js';

/** Those who are told. */
export interface Audience {
  readonly size: number;
  broadcast(announcement: Announcement): void;
  sendStatusToAll(): void;
}

export interface AnnouncerOptions {
  readonly presentSessions: PresentSessions;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
}

/** Turns what happens at the lanes and in the books into messages. */
export interface Announcer {
  commit(commit: Commit): void;
  lane(lane: LaneStatus): void;
  stop(): void;
}

/** News that many events cause at once is told once, after so many ms. */
const GATHER = 100;

export function createAnnouncer(audience: Audience, options: AnnouncerOptions): Announcer {
  const { presentSessions, ledger, clock, log } = options;
  /** Commits are told in their order, though making them ready to be seen may take differently long. */
  let telling: Promise<void> = Promise.resolve();
  let capacityDue: Cancel | null = null;
  let lastCapacity = '';
  let statusDue: Cancel | null = null;
  /** Lanes as last announced, and whether they were online. */
  const announced = new Map<string, boolean>();

  async function tell(commit: Commit): Promise<void> {
    try {
      for (const announcement of await announcementsOf(commit, presentSessions)) audience.broadcast(announcement);
    } catch (error) {
      log.error('a commit could not be announced', { error });
    }
  }

  async function tellCapacity(): Promise<void> {
    capacityDue = null;
    try {
      const payload = await readCapacity(ledger);
      const text = JSON.stringify(payload);
      if (text === lastCapacity) return;
      lastCapacity = text;
      audience.broadcast({ needs: 'status:read', message: { type: 'parking_capacity', payload } });
    } catch (error) {
      log.error('the capacity could not be read', { error });
    }
  }

  function tellStatus(): void {
    statusDue = null;
    audience.sendStatusToAll();
  }

  return {
    commit(commit) {
      if (audience.size === 0) return;
      telling = telling.then(() => tell(commit));
      if (commit.sessions.length > 0) capacityDue ??= clock.after(GATHER, () => void tellCapacity());
    },

    lane(lane) {
      // What a lane is stands in the status only: who sees it for the first time, or sees it come back, needs a whole one.
      if (announced.get(lane.lane.gate_id) !== lane.online) {
        announced.set(lane.lane.gate_id, lane.online);
        statusDue ??= clock.after(GATHER, tellStatus);
      }
      const announcement = announcementOfLane(lane);
      if (announcement !== null) audience.broadcast(announcement);
    },

    stop() {
      capacityDue?.();
      statusDue?.();
    },
  };
}
