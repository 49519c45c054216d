import assert from 'node:assert/strict';
import { test } from 'node:test';
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
