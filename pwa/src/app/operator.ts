import type { Me } from '@palang/contract/api/shapes';
import { codeOf } from '@palang/contract/errors';
import type { GateId } from '@palang/contract/ids';
import type { GateAction } from '@palang/contract/vocabulary';
import { batch, effect } from '@preact/signals';
import type { Visitor } from '../features/demo/model.js';
import { answered, begin, observed, type ReasonCode } from '../features/gate/model.js';
import { browserPorts, onWake } from '../hub/browser.js';
import { Connection } from '../hub/connection.js';
import { call, command } from '../hub/http.js';
import { addEvents, FEED_KEPT } from '../live/feed.js';
import { replaceSessions } from '../live/sessions.js';
import { apply, emptySite } from '../live/site.js';
import { type LastPicture, lastKnownStore } from '../offline/lastKnown.js';
import * as state from './state.js';

/** Fees run: the list of sessions is read again this often. */
const LISTS_EVERY = 60_000;
/** The last known state is stored this often at most. */
const STORE_EVERY = 2_000;
/** A reload with a working hub shows its answer and not first the stored state, unless the answer takes longer than this. */
const REVEAL_AFTER = 1_200;

const store = lastKnownStore();

const connection = new Connection(browserPorts(state.readClock), {
  link: (link) => {
    state.link.value = link;
    if (link.state === 'online') state.lastHeard.value = link.heardAt;
    else if (link.state === 'offline') reveal();
  },
  me: signedInAs,
  message: (message) => {
    state.site.value = apply(state.site.value, message, state.readClock());
  },
  discarded: () => {
    state.discarded.value += 1;
  },
  opened: () => void readLists(),
});

let reveal: () => void = () => {};

/** Starts everything that runs for as long as the page lives. */
export async function start(): Promise<void> {
  const stored = await store.read();
  reveal = () => {
    if (stored === null || state.me.value !== 'unknown') return;
    batch(() => {
      state.site.value = stored.site;
      state.me.value = stored.me;
      state.lastHeard.value = stored.fetchedAt;
    });
  };
  setTimeout(() => reveal(), REVEAL_AFTER);
  setInterval(tick, 1_000);
  setInterval(() => void readLists(), LISTS_EVERY);
  onWake(() => {
    tick();
    connection.wake();
  });
  effect(followAttempts);
  keepLastKnown();
  connection.start();
}

export const tryNow = (): void => connection.wake();

/** Asks the gateway to keep frames coming; lost when there is no connection. */
export function watchCamera(gate: GateId): void {
  connection.send({ type: 'camera_control', payload: { gate_id: gate, action: 'watch' } });
}

/** Keeps a lane's picture beside the last known state; a device without storage goes without. */
export function keepPicture(gate: GateId, picture: LastPicture): void {
  if (state.who.value !== null) store.writePicture(gate, picture).catch(() => undefined);
}

export function storedPicture(gate: GateId): Promise<LastPicture | null> {
  return store.readPicture(gate);
}

export async function signIn(name: string, password: string): Promise<void> {
  signedInAs(await call('signIn', { input: { name, password } }));
  connection.start();
}

export async function setUp(code: string, name: string, password: string): Promise<void> {
  signedInAs(await call('setup', { input: { code, name, password } }));
  connection.start();
}

/** Ends the session here whatever the hub says, and forgets what this device knew of the site. */
export async function signOut(): Promise<void> {
  connection.stop();
  await call('signOut').catch((error: unknown) => report(error));
  signedInAs(null);
}

/** One command, sent now or not at all, never repeated by itself. What becomes of it is followed in `attempts`. */
export async function commandGate(gate: GateId, action: GateAction, reason: ReasonCode): Promise<void> {
  setAttempt(gate, begin(gate, action, state.readClock()));
  let code: string | null = null;
  try {
    await command('gateControl', { params: { gate_id: gate }, input: { action, reason } });
  } catch (error) {
    code = codeOf(error) ?? 'bad_answer';
  }
  const attempt = state.attempts.value[gate];
  if (attempt !== undefined) {
    setAttempt(gate, answered(attempt, code, state.site.value.lanes[gate], state.readClock()));
  }
}

/** @throws CodedError with the hub's code. */
export async function sendVehicle(gate: GateId, visitor: Visitor): Promise<void> {
  await call('simulateVehicle', { params: { gate_id: gate }, input: visitor });
}

function signedInAs(me: Me | null): void {
  batch(() => {
    state.me.value = me;
    if (me === null) {
      state.site.value = emptySite;
      state.attempts.value = {};
      state.lastHeard.value = null;
    }
  });
  if (me !== null) return;
  // Storage that refuses to be written has nothing to erase either.
  void store.erase().catch(() => undefined);
  void readSetup();
}

async function readSetup(): Promise<void> {
  try {
    state.setupNeeded.value = (await call('setupState')).needed;
  } catch (error) {
    report(error);
  }
}

/** Whole lists, beside the changes that arrive by themselves. One that fails is tried again with the next round. */
async function readLists(): Promise<void> {
  const who = state.who.value;
  if (who === null || !state.online.value || document.visibilityState === 'hidden') return;
  const askedAt = state.readClock();
  const can = (permission: Me['can'][number]) => who.can.includes(permission);
  const [sessions, events, capacity] = await Promise.allSettled([
    can('sessions:read') ? call('sessions', { query: { state: 'open', limit: 500 } }) : null,
    can('events:read') ? call('events', { query: { limit: FEED_KEPT } }) : null,
    call('capacity'),
  ]);
  let site = state.site.value;
  if (sessions.status === 'fulfilled' && sessions.value !== null) {
    site = { ...site, sessions: replaceSessions(site.sessions, sessions.value, askedAt) };
  }
  if (events.status === 'fulfilled' && events.value !== null) {
    site = { ...site, events: addEvents(site.events, events.value) };
  }
  if (capacity.status === 'fulfilled') site = { ...site, capacity: { value: capacity.value, at: askedAt } };
  state.site.value = site;
}

function tick(): void {
  state.now.value = state.readClock();
}

function setAttempt(gate: string, attempt: ReturnType<typeof begin>): void {
  state.attempts.value = { ...state.attempts.value, [gate]: attempt };
}

function followAttempts(): void {
  const { lanes } = state.site.value;
  const time = Math.max(state.now.value, state.readClock());
  for (const attempt of Object.values(state.attempts.value)) {
    const after = observed(attempt, lanes[attempt.gate], time);
    if (after !== attempt) setAttempt(attempt.gate, after);
  }
}

/** Stores the state while the hub speaks; a browser without storage simply shows nothing after an offline reload. */
function keepLastKnown(): void {
  let storedAt = 0;
  effect(() => {
    const [me, fetchedAt, site] = [state.who.value, state.lastHeard.value, state.site.value];
    if (me === null || fetchedAt === null || state.link.value.state !== 'online') return;
    if (fetchedAt - storedAt < STORE_EVERY || site.coordinator === null) return;
    storedAt = fetchedAt;
    store.write({ version: 1, fetchedAt, me, site }).catch(() => undefined);
  });
}

function report(error: unknown): void {
  const code = codeOf(error) ?? 'bad_answer';
  if (code !== 'unauthenticated') state.notice.value = { text: code, tone: 'abnormal' };
}
