import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './fakeHub/browser.js';
import { openSite } from './fakeHub/scene.js';

test('the browser finds nothing that keeps the app from being installed', async (t) => {
  const { page, context, errors } = await openSite(t);
  await page.evaluate('navigator.serviceWorker.ready');
  const devtools = await context.newCDPSession(page);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors, []);
  const { data, errors: manifestErrors } = await devtools.send('Page.getAppManifest');
  assert.deepEqual(manifestErrors, []);
  const { icons } = JSON.parse(data ?? '{}') as { icons: { src: string; sizes: string; purpose?: string }[] };
  for (const { src, sizes } of icons) {
    const size = await page.evaluate(
      `new Promise((done) => { const i = new Image(); i.onload = () => done(i.width + 'x' + i.height); i.src = ${JSON.stringify(src)}; })`,
    );
    assert.equal(size, sizes);
  }
  assert.equal(
    icons.some(({ purpose }) => purpose === 'maskable'),
    true,
  );
  // That nobody is signed in yet is answered by 401, which the browser reports by itself.
  assert.deepEqual(
    errors.filter((error) => !/401 .*\/api\/session$/.test(error)),
    [],
  );
});

test('a new version waits for the operator and then takes over by itself', async (t) => {
  const { page, hub } = await openSite(t, { locale: 'en' });
  await until(page, `navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')`);
  hub.release = 2;
  await page.evaluate('navigator.serviceWorker.ready.then((registration) => registration.update())');
  await page.getByText('A new version is ready.').waitFor();
  await page.evaluate('globalThis.before = true');
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.waitForEvent('load');
  await page.getByRole('article', { name: 'Entry gate' }).waitFor();
  await until(page, 'globalThis.before === undefined');
  await until(page, 'navigator.serviceWorker.ready.then(({ waiting }) => waiting === null)');
  assert.equal(await page.getByText('A new version is ready.').count(), 0);
});
