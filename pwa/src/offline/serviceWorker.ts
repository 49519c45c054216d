import { signal } from '@preact/signals';

/** What offline use rests on, for the settings: plain http on a LAN is no secure context and has no service worker. */
export type OfflineReadiness = 'starting' | 'ready' | 'insecure' | 'unsupported' | 'failed';

export const offlineReadiness = signal<OfflineReadiness>('starting');
/** True when a new version waits for the operator's word. */
export const updateReady = signal(false);

const CHECK_EVERY = 3_600_000;
/** Safari may never report the change of controller: reload anyway after this long. */
const PATIENCE = 4_000;

let registration: ServiceWorkerRegistration | null = null;

/** Registers the worker and watches for new versions: hourly and whenever the page is looked at again. */
export async function startServiceWorker(): Promise<void> {
  if (!window.isSecureContext) {
    offlineReadiness.value = 'insecure';
    return;
  }
  if (!('serviceWorker' in navigator)) {
    offlineReadiness.value = 'unsupported';
    return;
  }
  try {
    registration = await navigator.serviceWorker.register('/sw.js');
  } catch {
    offlineReadiness.value = 'failed';
    return;
  }
  watch(registration);
  await navigator.serviceWorker.ready;
  offlineReadiness.value = 'ready';
}

function watch(found: ServiceWorkerRegistration): void {
  const notice = () => {
    if (found.waiting !== null && navigator.serviceWorker.controller !== null) updateReady.value = true;
  };
  notice();
  found.addEventListener('updatefound', () => found.installing?.addEventListener('statechange', notice));
  // A failed check is no news: the hub may be away, and the next one comes.
  const check = () => void found.update().catch(() => undefined);
  setInterval(check, CHECK_EVERY);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') check();
  });
}

/** Lets the waiting version take over and reloads into it. */
export function applyUpdate(): void {
  const waiting = registration?.waiting;
  if (waiting === null || waiting === undefined) {
    location.reload();
    return;
  }
  let reloaded = false;
  const reload = () => {
    if (reloaded) return;
    reloaded = true;
    location.reload();
  };
  navigator.serviceWorker.addEventListener('controllerchange', reload, { once: true });
  setTimeout(reload, PATIENCE);
  waiting.postMessage('take_over');
}
