import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { openSite } from './fakeHub/scene.js';

/** Longer than a button must be held, by a margin that a busy machine does not eat up. */
const LONG_ENOUGH = 1_100;
/** Buttons ignore what is pressed within 300 ms of their appearance. */
const SETTLED = 400;

async function openControl(page: Page): Promise<Locator> {
  await page.getByRole('article', { name: 'Exit gate' }).getByRole('button', { name: 'Control barrier' }).click();
  await page.waitForTimeout(SETTLED);
  return page.getByRole('dialog');
}

async function holdWithMouse(page: Page, button: Locator, ms: number): Promise<void> {
  await button.hover();
  await page.mouse.down();
  await page.waitForTimeout(ms);
  await page.mouse.up();
}

test('opening by hand shows three stages, the last only when the arm is seen up', async (t) => {
  const { page, hub } = await openSite(t, { locale: 'en' });
  hub.pace = 600;
  const dialog = await openControl(page);
  await dialog.getByLabel('Payment failed').check();
  await holdWithMouse(page, dialog.getByRole('button', { name: 'Open', exact: true }), LONG_ENOUGH);
  const reached = dialog.locator('.stages li[data-reached=true]');
  await dialog.locator('.stages[data-stage=accepted]').waitFor();
  assert.equal(await reached.count(), 2);
  await dialog.locator('.stages[data-stage=confirmed]').waitFor();
  assert.equal(await reached.count(), 3);
  assert.deepEqual(hub.commands, [{ gate: 'gate_out', action: 'open', reason: 'payment_failed' }]);
});

test('letting go too early sends nothing, nor does holding without a reason', async (t) => {
  const { page, hub } = await openSite(t, { locale: 'en' });
  const dialog = await openControl(page);
  const button = dialog.getByRole('button', { name: 'Open', exact: true });
  await holdWithMouse(page, button, LONG_ENOUGH);
  await dialog.getByLabel('Lost card').check();
  await holdWithMouse(page, button, 300);
  await page.waitForTimeout(LONG_ENOUGH);
  assert.deepEqual(hub.commands, []);
});

test('the keyboard alone opens: a reason by arrow keys, the button held by Space', async (t) => {
  const { page, hub } = await openSite(t, { locale: 'en' });
  const dialog = await openControl(page);
  await dialog.getByRole('radio').first().focus();
  await page.keyboard.press('ArrowDown');
  await dialog.getByRole('button', { name: 'Open', exact: true }).focus();
  await page.keyboard.down('Space');
  await page.waitForTimeout(LONG_ENOUGH);
  await page.keyboard.up('Space');
  await dialog.locator('.stages[data-stage=confirmed]').waitFor();
  assert.equal(hub.commands.length, 1);
});

test('a refusal says that nothing moved and why', async (t) => {
  const { page, hub } = await openSite(t, { locale: 'en' });
  hub.manner = 'gateway_offline';
  const dialog = await openControl(page);
  await dialog.getByLabel('Guest / staff').check();
  await holdWithMouse(page, dialog.getByRole('button', { name: 'Hold open' }), LONG_ENOUGH);
  await dialog.getByText('the barrier was not moved').waitFor();
  await dialog.getByText("This lane's gateway is offline.").waitFor();
});

test('an answer that never came leaves the outcome unknown and sends nothing again', async (t) => {
  const { page, hub } = await openSite(t, { locale: 'en' });
  hub.manner = 'gateway_timeout';
  const dialog = await openControl(page);
  await dialog.getByLabel('Emergency').check();
  await holdWithMouse(page, dialog.getByRole('button', { name: 'Open', exact: true }), LONG_ENOUGH);
  await dialog.getByText('Outcome unknown').waitFor();
  await dialog.getByText('Look at the picture before trying again.').waitFor();
  assert.equal(hub.commands.length, 1);
});

test('without the hub nothing can be commanded, and nothing is sent when it returns', async (t) => {
  const { page, hub } = await openSite(t, { locale: 'en' });
  const dialog = await openControl(page);
  await dialog.getByLabel('Emergency').check();
  await hub.stop();
  await dialog.getByText('Disconnected from the hub').waitFor();
  await holdWithMouse(page, dialog.getByRole('button', { name: 'Open', exact: true }), LONG_ENOUGH);
  await hub.start(hub.port);
  await dialog.getByText('Hold the button until it is full').waitFor();
  await page.waitForTimeout(LONG_ENOUGH);
  assert.deepEqual(hub.commands, []);
});
