import type { GateId } from '@palang/contract/ids';
import { type Signal, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { watchCamera } from '../../app/operator.js';
import { online, readClock } from '../../app/state.js';
import { frame } from '../../hub/http.js';

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
      if (shared.viewers === 0) shared.stop();
    };
  }, [gate, shared]);
  return shared.feed.value;
}

function run(gate: GateId, feed: Signal<Feed>): () => void {
  let timer: ReturnType<typeof setTimeout>;
  let stopped = false;
  let watchedAt = Number.NEGATIVE_INFINITY;
  const turn = async () => {
    const wanted = online.value && document.visibilityState === 'visible';
    if (wanted && readClock() - watchedAt > WATCH_EVERY) {
      watchedAt = readClock();
      watchCamera(gate);
    }
    const failed = wanted && !(await fetchInto(gate, feed));
    if (!stopped) timer = setTimeout(() => void turn(), failed ? RETRY_AFTER : NEXT_AFTER);
  };
  void turn();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** Shows a frame only when the browser has decoded it, so that the picture never flashes. False when there was none. */
async function fetchInto(gate: GateId, feed: Signal<Feed>): Promise<boolean> {
  let url = '';
  try {
    const { picture, age } = await frame(gate);
    const takenAt = readClock() - age;
    url = URL.createObjectURL(picture);
    const image = new Image();
    image.src = url;
    await image.decode();
    const before = feed.value.newest;
    feed.value = { newest: { url, takenAt }, failed: false };
    if (before !== null) URL.revokeObjectURL(before.url);
    return true;
  } catch {
    // Any reason (camera away, hub away, half a picture) is the same to the viewer: the last picture stays and grows old.
    if (url !== '') URL.revokeObjectURL(url);
    feed.value = { ...feed.value, failed: true };
    return false;
  }
}
