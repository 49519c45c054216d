import { signal } from '@preact/signals';

/** Chromium's offer to install; other browsers have it in their own menus. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

export const installPrompt = signal<InstallPrompt | null>(null);

window.addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  installPrompt.value = event as InstallPrompt;
});
window.addEventListener('appinstalled', () => {
  installPrompt.value = null;
});

/** Each offer can be used once. */
export async function install(): Promise<void> {
  const offer = installPrompt.value;
  installPrompt.value = null;
  await offer?.prompt();
}
