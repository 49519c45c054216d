import type { Me } from '@palang/contract/api/shapes';
import { computed, signal } from '@preact/signals';
import type { Attempt } from '../features/gate/model.js';
import type { Link } from '../hub/link.js';
import { emptySite, type Site } from '../live/site.js';
import { steadyClock } from '../live/steadyClock.js';

/** What the screens show. Written by app/operator.ts only, and by the settings for what is theirs. */

/** The app's clock: every age on the screen is counted on it. */
export const readClock = steadyClock(
  () => Date.now(),
  () => performance.now(),
);

/** The app's clock, once a second: what reads it is drawn again. */
export const now = signal(readClock());
export const link = signal<Link>({ state: 'connecting', since: now.value });
export const site = signal<Site>(emptySite);

/** `unknown` until the hub has answered or a stored state stands in for it; null when nobody is signed in. */
export const me = signal<Me | null | 'unknown'>('unknown');
export const setupNeeded = signal(false);
/** When the hub last spoke, on the app's clock; null when never, not even before a reload. */
export const lastHeard = signal<number | null>(null);
/** Frames that were no message of the contract. */
export const discarded = signal(0);

/** The latest act of this operator per lane. */
export const attempts = signal<Readonly<Record<string, Attempt>>>({});
/** A short word about something done, or null. */
export const notice = signal<{ readonly text: string; readonly tone: 'normal' | 'abnormal' } | null>(null);

export const who = computed(() => (me.value === 'unknown' ? null : me.value));
/** The hub's wall clock now, as well as this client knows it. */
export const hubNow = computed(() => now.value + site.value.hubOffset);
export const online = computed(() => link.value.state === 'online');
