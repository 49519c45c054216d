import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signIn } from './fakeHub/browser.js';
import { openScene, openSite } from './fakeHub/scene.js';
import { PASSWORD } from './fakeHub/server.js';

test('a wrong password is told in words and a right one leads to the lanes', async (t) => {
  const { page, url } = await openScene(t, { locale: 'en' });
  await page.goto(url);
  const name = page.getByLabel('Name');
  const password = page.getByLabel('Password');
  assert.equal(await name.getAttribute('autocomplete'), 'username');
  assert.equal(await password.getAttribute('autocomplete'), 'current-password');
  await name.fill('sari');
  await password.fill('guess');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: 'Wrong name or password.' }).waitFor();
  await password.fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('article', { name: 'Entry gate' }).waitFor();
  assert.equal(await page.title(), 'Parkir Pasar Baru · Palang');
});

test('a site without anybody asks for the set-up code and a new password', async (t) => {
  const { page, url, hub } = await openScene(t, { locale: 'en' });
  hub.setupNeeded = true;
  await page.goto(url);
  await page.getByRole('heading', { name: 'Set up this site' }).waitFor();
  await page.getByLabel('Set-up code').fill('ABCD-1234');
  await page.getByLabel('Name').fill('sari');
  const password = page.getByLabel('Password');
  assert.equal(await password.getAttribute('autocomplete'), 'new-password');
  await password.fill(PASSWORD);
  await page.getByRole('button', { name: 'Make administrator' }).click();
  await page.getByRole('article', { name: 'Entry gate' }).waitFor();
});

test('signing out leaves nothing of the site on the device', async (t) => {
  const { page, context } = await openSite(t, { locale: 'en' });
  await page.evaluate('navigator.serviceWorker.ready');
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Password').waitFor();
  await context.setOffline(true);
  await page.reload();
  await page.getByText('The hub cannot be reached yet').waitFor();
  assert.equal(await page.getByRole('article').count(), 0);
});

test('the language switches at once and is kept', async (t) => {
  const { page, url } = await openSite(t);
  assert.equal(await page.locator('html').getAttribute('lang'), 'id');
  await page.getByRole('button', { name: 'Pengaturan' }).click();
  await page.getByLabel('English').check();
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.goto(url);
  await page.getByRole('article', { name: 'Entry gate' }).waitFor();
});

test('a session that the hub no longer knows leads back to the sign-in', async (t) => {
  const { page, hub, url } = await openSite(t, { locale: 'en' });
  hub.signedIn = false;
  await page.goto(url);
  await page.getByLabel('Password').waitFor();
  await signIn(page, url);
});
