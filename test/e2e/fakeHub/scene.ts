import type { TestContext } from 'node:test';
import { type Browser, type Look, openBrowser, signIn } from './browser.js';
import { FakeHub } from './server.js';

/** A fake hub and a browser for one test, gone when it ends. */
export async function openScene(t: TestContext, look: Look = {}): Promise<Browser & { hub: FakeHub; url: string }> {
  const hub = new FakeHub();
  const url = await hub.start();
  t.after(() => hub.stop());
  const browser = await openBrowser(look);
  t.after(() => browser.close());
  return { ...browser, hub, url };
}

/** The same with somebody signed in and the lanes on the screen. */
export async function openSite(t: TestContext, look: Look = {}): ReturnType<typeof openScene> {
  const scene = await openScene(t, look);
  await signIn(scene.page, scene.url);
  return scene;
}
