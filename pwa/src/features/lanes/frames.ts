import type { GateId } from '@palang/contract/ids';
import { type Signal, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { keepPicture, storedPicture, watchCamera } from '../../app/operator.js';
import { online, readClock } from '../../app/state.js';
import { frame } from '../../hub/http.js';
import type { LastPicture } from '../../offline/lastKnown.js';

export interface Frame {
  readonly url: string;
  /** When the camera took it, on the app's clock. */
  readonly takenAt: number;
}
export interface Feed {
  readonly newest: Frame | null;
  /** True while the last attempt failed; the newest picture stays, with its age. */
  readonly failed: boolean;
}

const NEXT_AFTER = 700;
const RETRY_AFTER = 3_000;
/** A gateway stops sending frames that nobody asks for; asking is repeated this often. */
const WATCH_EVERY = 3_000;

/** A lane's picture is kept for an offline reload this often at most. */
const KEEP_EVERY = 10_000;

interface Feeder {
  readonly feed: Signal<Feed>;
  viewers: number;
  stop: () => void;
}
const feeders = new Map<GateId, Feeder>();

/** A lane's pictures for as long as the component is shown and the page is looked at; viewers of one lane share them. */
export function useFrames(gate: GateId): Feed {
  let feeder = feeders.get(gate);
  if (feeder === undefined) {
    feeder = { feed: signal({ newest: null, failed: false }), viewers: 0, stop: () => {} };
    feeders.set(gate, feeder);
  }
  const shared = feeder;
  useEffect(() => {
    shared.viewers += 1;
    if (shared.viewers === 1) shared.stop = run(gate, shared.feed);
    return () => {
      shared.viewers -= 1;
      if (shared.viewers > 0) return;
      shared.stop();
      feeders.delete(gate);
      void show(shared.feed, null);
    };
  }, [gate, shared]);
  return shared.feed.value;
}

function run(gate: GateId, feed: Signal<Feed>): () => void {
  let timer: ReturnType<typeof setTimeout>;
  let stopped = false;
  let watchedAt = Number.NEGATIVE_INFINITY;
  let keptAt = Number.NEGATIVE_INFINITY;
  const turn = async () => {
    const wanted = online.value && document.visibilityState === 'visible';
    if (wanted && readClock() - watchedAt > WATCH_EVERY) {
      watchedAt = readClock();
      watchCamera(gate);
    }
    const taken = wanted ? await take(gate) : null;
    if (stopped) return;
    if (taken !== null) {
      await show(feed, taken);
      if (taken.takenAt - keptAt > KEEP_EVERY) {
        keptAt = taken.takenAt;
        keepPicture(gate, taken);
      }
    }
    feed.value = { ...feed.value, failed: wanted && taken === null };
    timer = setTimeout(() => void turn(), feed.value.failed ? RETRY_AFTER : NEXT_AFTER);
  };
  void storedPicture(gate).then((stored) => {
    if (!stopped && stored !== null && feed.value.newest === null) void show(feed, stored);
  });
  void turn();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** Any reason for having none (camera away, hub away) is the same to the viewer: the last picture stays and grows old. */
async function take(gate: GateId): Promise<LastPicture | null> {
  try {
    const { picture, age } = await frame(gate);
    return { picture, takenAt: readClock() - age };
  } catch {
    return null;
  }
}

/** Shows a picture only when the browser has decoded it, so that it never flashes; half a picture is not shown. */
async function show(feed: Signal<Feed>, taken: LastPicture | null): Promise<void> {
  const before = feed.value.newest;
  let newest: Frame | null = null;
  if (taken !== null) {
    const url = URL.createObjectURL(taken.picture);
    const image = new Image();
    image.src = url;
    try {
      await image.decode();
    } catch {
      URL.revokeObjectURL(url);
      return;
    }
    newest = { url, takenAt: taken.takenAt };
  }
  feed.value = { ...feed.value, newest };
  if (before !== null) URL.revokeObjectURL(before.url);
}
