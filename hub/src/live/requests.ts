import type { Permission } from '@palang/contract/access/permissions';
import type { Cancel, Clock } from '@palang/contract/clock';
import type { ClientMessage, ServerMessage } from '@palang/contract/live/messages';
import { actorOf, mustBeAbleTo, type Principal } from '../access/principal.js';
import { knownLane } from '../gates/chooseLane.js';
import type { By, Gates } from '../gates/gates.js';
import type { LinkServer } from '../link/ports.js';
import type { ReadStatus } from './systemStatus.js';

export interface RequestParts {
  readonly gates: Gates;
  readonly link: LinkServer;
  readonly readStatus: ReadStatus;
  readonly clock: Clock;
}

/** The same rights as the routes that do the same. */
const needs: Readonly<Record<ClientMessage['type'], Permission>> = {
  parking_entry: 'sessions:write',
  parking_exit: 'sessions:write',
  gate_control: 'gate:control',
  camera_control: 'camera:read',
  request_system_status: 'status:read',
  ping: 'status:read',
};

/** Watching ends by itself: a tablet that went to sleep shall not keep a camera awake. */
const WATCH_FOR = 5_000;

/** Answers an operator's messages. */
export interface Requests {
  /**
   * The answer without its id; null when there is nothing to say (watching: the pictures themselves are the answer).
   * @throws CodedError of a problem code.
   */
  answer(message: ClientMessage, principal: Principal, requestId: string): Promise<ServerMessage | null>;
  /** Stops watching cameras. */
  stop(): void;
}

export function createRequests({ gates, link, readStatus, clock }: RequestParts): Requests {
  const watching = new Map<string, Cancel>();

  function watch(lane: string): void {
    watching.get(lane)?.();
    const stopWatching = link.watch(lane, () => {});
    const stopTimer = clock.after(WATCH_FOR, () => {
      watching.delete(lane);
      stopWatching();
    });
    watching.set(lane, () => {
      stopTimer();
      stopWatching();
    });
  }

  return {
    async answer(message, principal, requestId) {
      mustBeAbleTo(principal, needs[message.type]);
      const by: By = { actor: actorOf(principal), requestId };
      switch (message.type) {
        case 'parking_entry':
          return { type: 'parking_entry_result', payload: await gates.entry(message.payload, by) };
        case 'parking_exit':
          return { type: 'parking_exit_result', payload: await gates.exit(message.payload, by) };
        case 'gate_control':
          return {
            type: 'gate_control_result',
            payload: await gates.control(message.payload.gate_id, message.payload, by),
          };
        case 'camera_control':
          if (message.payload.action === 'watch') {
            watch(knownLane(link.directory, message.payload.gate_id));
            return null;
          }
          mustBeAbleTo(principal, 'camera:capture');
          return { type: 'image_captured', payload: await gates.capture(message.payload.gate_id, by) };
        case 'request_system_status':
          return { type: 'system_status', payload: await readStatus() };
        case 'ping': {
          const sent = message.payload?.sent;
          return {
            type: 'pong',
            payload: { time: Math.round(clock.wall()), ...(sent === undefined ? {} : { sent }) },
          };
        }
      }
    },

    stop() {
      for (const cancel of watching.values()) cancel();
      watching.clear();
    },
  };
}
