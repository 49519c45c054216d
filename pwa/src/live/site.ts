import type { Capacity, EventView, SystemStatus } from '@palang/contract/api/shapes';
import type { ServerMessage } from '@palang/contract/live/messages';
import { addEvents } from './feed.js';
import { applyHardware, applyStatus, type LaneRecord } from './lanes.js';
import { emptySessions, type Sessions, upsertSession } from './sessions.js';

/** Everything this client knows of the site. */
export interface Site {
  readonly coordinator: SystemStatus['coordinator'] | null;
  /** The hub's wall clock minus the app's, ms. */
  readonly hubOffset: number;
  readonly lanes: Readonly<Record<string, LaneRecord>>;
  readonly capacity: { readonly value: Capacity; readonly at: number } | null;
  readonly sessions: Sessions;
  readonly events: readonly EventView[];
}

export const emptySite: Site = {
  coordinator: null,
  hubOffset: 0,
  lanes: {},
  capacity: null,
  sessions: emptySessions,
  events: [],
};

/** The site after one message of the hub, received at `now`. */
export function apply(site: Site, message: ServerMessage, now: number): Site {
  switch (message.type) {
    case 'system_status':
      return {
        ...site,
        coordinator: message.payload.coordinator,
        hubOffset: message.payload.coordinator.time - now,
        lanes: applyStatus(site.lanes, message.payload.gates, now),
      };
    case 'hardware_status':
      return { ...site, lanes: applyHardware(site.lanes, message.payload, now) };
    case 'session':
      return { ...site, sessions: upsertSession(site.sessions, message.payload, now) };
    case 'parking_event':
      return { ...site, sessions: upsertSession(site.sessions, message.payload.result, now) };
    case 'gate_in_event':
    case 'gate_out_event':
    case 'gate_event':
      return { ...site, events: addEvents(site.events, [message.payload.result]) };
    case 'parking_capacity':
      return { ...site, capacity: { value: message.payload, at: now } };
    case 'parking_entry_result':
    case 'parking_exit_result':
    case 'gate_control_result':
    case 'image_captured':
    case 'error':
    case 'pong':
      return site;
  }
}
