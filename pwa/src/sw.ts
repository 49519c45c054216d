/// <reference lib="webworker" />
import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  type PrecacheEntry,
  precacheAndRoute,
} from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (PrecacheEntry | string)[] };

// The worker keeps the shell and nothing else. What the hub says is never cached here: last known state has an age and lives in
// IndexedDB (offline/lastKnown.ts), where a sign-out erases it.
precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
registerRoute(
  new NavigationRoute(createHandlerBoundToURL('/index.html'), {
    denylist: [/^\/api\//, /^\/ws/, /^\/link/, /^\/healthz/, /^\/readyz/],
  }),
);

self.addEventListener('message', (event: ExtendableMessageEvent) => {
  if (event.data === 'take_over') event.waitUntil(self.skipWaiting());
});
// Without it the page that installed the worker stays uncontrolled, and Safari never reports the change of controller.
self.addEventListener('activate', (event: ExtendableEvent) => event.waitUntil(self.clients.claim()));
