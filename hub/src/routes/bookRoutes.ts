import type { Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import { Digest } from '@palang/contract/ids';
import { bearerOf } from '../access/authenticate.js';
import { knownLane } from '../gates/chooseLane.js';
import type { Handlers } from '../http/routes.js';
import type { Frame, Ledger, LinkServer, Photos } from '../link/ports.js';
import { presentEvent } from '../live/presentEvent.js';
import { type ReadStatus, readCapacity } from '../live/systemStatus.js';
import type { PresentSessions } from '../sessions/present.js';

export interface BookParts {
  readonly link: LinkServer;
  readonly ledger: Ledger;
  readonly photos: Photos;
  readonly clock: Clock;
  readonly readStatus: ReadStatus;
  readonly presentSessions: PresentSessions;
  /** Why the hub cannot do its work now; empty when it can. */
  readonly unreadiness: () => Promise<string[]>;
}

type BookRoute = 'status' | 'capacity' | 'sessions' | 'events' | 'frame' | 'photo' | 'putPhoto' | 'health' | 'ready';

/** A frame older than this is not shown as what the camera sees, ms. */
const FRESH = 2_000;
const FRAME_WITHIN = 3_000;

/** What can be read: status, books, pictures. */
export function bookRoutes(parts: BookParts): Pick<Handlers, BookRoute> {
  const { link, ledger, photos, clock, readStatus, presentSessions } = parts;
  return {
    status: () => readStatus(),

    capacity: () => readCapacity(ledger),

    sessions: async (call) => {
      const { state = 'open', limit = 100 } = call.query;
      const records = await ledger.sessions({ ...(state === 'all' ? {} : { inside: state === 'open' }), limit });
      return presentSessions(records);
    },

    events: async (call) => {
      const { after, limit = 100 } = call.query;
      const events = await ledger.events({ ...(after === undefined ? {} : { after }), limit });
      return events.map(presentEvent);
    },

    frame: async (call) => {
      const gate = knownLane(link.directory, call.params.gate_id);
      const latest = link.latestFrame(gate);
      const frame = latest !== null && clock.wall() - latest.at <= FRESH ? latest : await nextFrame(gate, link, clock);
      call.ctx.set('Cache-Control', 'no-store');
      call.ctx.set('X-Frame-Age', String(Math.max(0, Math.round(clock.wall() - frame.at))));
      call.ctx.type = 'image/jpeg';
      call.ctx.body = Buffer.from(frame.jpeg);
    },

    photo: async (call) => {
      const digest = digestIn(call.params.digest);
      const photo = await photos.open(digest);
      if (photo === null) throw new CodedError('not_found', 'This photo has not arrived', { digest });
      // Named by its content: it can never change. Private, because it shows people.
      call.ctx.set('Cache-Control', 'private, max-age=31536000, immutable');
      call.ctx.type = 'image/jpeg';
      call.ctx.length = photo.bytes;
      call.ctx.body = photo.stream;
    },

    putPhoto: async (call) => {
      const gateway = link.uploader(bearerOf(call.ctx.get('authorization')));
      if (gateway === null) throw new CodedError('unauthenticated', 'The upload token is not of a connected gateway');
      await photos.store(digestIn(call.params.digest), call.ctx.req);
      call.ctx.status = 204;
    },

    health: async () => ({ status: 'ok' as const }),

    ready: async (call) => {
      const reasons = await parts.unreadiness();
      if (reasons.length > 0) call.ctx.status = 503;
      return { ready: reasons.length === 0, reasons };
    },
  };
}

/** @throws CodedError `not_found` for what cannot be a photo's name. */
function digestIn(text: string): Digest {
  const digest = Digest.safeParse(text);
  if (!digest.success) throw new CodedError('not_found', 'Photos are named by their sha256');
  return digest.data;
}

/** @throws CodedError `camera_offline` when none comes in time. */
function nextFrame(gate: string, link: LinkServer, clock: Clock): Promise<Frame> {
  if (link.directory.lane(gate)?.online !== true) {
    throw new CodedError('gateway_offline', `The gateway of ${gate} is not connected`, { gate_id: gate });
  }
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      stopWatching();
      stopWaiting();
      settle();
    };
    const stopWaiting = clock.after(FRAME_WITHIN, () =>
      finish(() =>
        reject(new CodedError('camera_offline', `The camera of ${gate} sends no picture`, { gate_id: gate })),
      ),
    );
    const stopWatching = link.watch(gate, (frame) => finish(() => resolve(frame)));
  });
}
