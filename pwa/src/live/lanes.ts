import type { GateView, SystemStatus } from '@palang/contract/api/shapes';
import type { LaneSnapshot } from '@palang/contract/link/live';

/** A lane as last heard. Times are on the app's clock (steadyClock), so that ages need no agreement with any other clock. */
export interface LaneRecord {
  readonly view: GateView;
  /** When the hub last heard of the lane; null when never. */
  readonly heardAt: number | null;
  /** When a live state with a newer stamp last arrived here: what an operator's act is confirmed against. */
  readonly seenAt: number | null;
  /** Earlier boots of the gateway, latest first: what still arrives from them is late. */
  readonly retired: readonly string[];
}

type Lanes = Readonly<Record<string, LaneRecord>>;

/** Boots remembered per lane: a late message of an older one than these is not worth guarding against. */
const RETIRED_KEPT = 4;

/** A whole status: which lanes exist is the hub's word; a live state in it replaces ours only when its stamp is newer. */
export function applyStatus(lanes: Lanes, gates: SystemStatus['gates'], now: number): Lanes {
  const result: Record<string, LaneRecord> = {};
  for (const [gate, view] of Object.entries(gates)) {
    const heardAt = view.age === null ? null : now - view.age;
    result[gate] = merge(lanes[gate], view, heardAt, now);
  }
  return result;
}

/** One lane's latest state. A lane that no status has described yet is left for the next status. */
export function applyHardware(
  lanes: Lanes,
  { gate_id, lane, online }: { gate_id: string; lane: LaneSnapshot; online: boolean },
  now: number,
): Lanes {
  const before = lanes[gate_id];
  if (before === undefined || !isNewer(before, lane)) return lanes;
  const controller = online ? lane.controller.status : 'unknown';
  const view: GateView = {
    ...before.view,
    status: online ? 'online' : 'offline',
    controller_status: controller,
    live: lane,
  };
  return { ...lanes, [gate_id]: merge(before, view, online ? now : before.heardAt, now) };
}

function merge(before: LaneRecord | undefined, view: GateView, heardAt: number | null, now: number): LaneRecord {
  if (before === undefined) return { view, heardAt, seenAt: view.live === null ? null : now, retired: [] };
  const known = before.view.live;
  if (view.live === null || !isNewer(before, view.live)) {
    return { ...before, view: { ...view, live: known }, heardAt };
  }
  const rebooted = known !== null && known.at.boot !== view.live.at.boot;
  const retired = rebooted ? [known.at.boot, ...before.retired].slice(0, RETIRED_KEPT) : before.retired;
  return { view, heardAt, seenAt: now, retired };
}

/** Within one boot the monotonic clock tells; a boot seen before and left never comes back; wall clocks decide nothing. */
function isNewer(before: LaneRecord, live: LaneSnapshot): boolean {
  const known = before.view.live;
  if (known === null) return true;
  if (known.at.boot === live.at.boot) return live.at.mono > known.at.mono;
  return !before.retired.includes(live.at.boot);
}
