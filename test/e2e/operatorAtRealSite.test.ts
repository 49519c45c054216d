import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser, until } from './fakeHub/browser.js';
import { dataFolder, Palang } from './palang.js';

test('an operator signs in, sends a car in and out, opens a gate by hand, and is shown the last state without a network', async () => {
  const data = dataFolder();
  const site = await Palang.start(data.path);
  const browser = await openBrowser({ locale: 'en' });
  const { page } = browser;
  page.setDefaultTimeout(20_000);
  try {
    await page.goto(site.ready.hub);
    await page.locator('input[name=username]').fill('admin');
    await page.locator('input[name=password]').fill(site.ready.password);
    await page.locator('button[type=submit]').click();
    const [entry, exit] = [
      page.getByRole('article', { name: 'Entry gate' }),
      page.getByRole('article', { name: 'Exit gate' }),
    ];
    await entry.waitFor();

    await page.getByRole('button', { name: 'Send a car in' }).click();
    await page.locator('.sessions li').filter({ hasText: 'Rp' }).first().waitFor();
    const parked = await site.until('the car parked', async () =>
      (await site.sessions()).find(({ status }) => status === 'parked'),
    );
    await page.getByRole('button', { name: 'Send a car out' }).click();
    await site.until('the car gone', async () =>
      (await site.sessions()).find(({ id, status }) => id === parked.id && status === 'closed'),
    );
    await page
      .locator('.sessions li')
      .filter({ hasText: parked.license_plate ?? '' })
      .waitFor({ state: 'detached' });

    await site.until('the exit arm down', async () => (await site.lane('gate_out')).arm.lowered === 1 || undefined);
    await exit.getByRole('button', { name: 'Control barrier' }).click();
    const dialog = page.getByRole('dialog');
    await page.waitForTimeout(400); // a button takes no press within 300 ms of its appearance
    await dialog.getByLabel('Test').check();
    await dialog.getByRole('button', { name: 'Open', exact: true }).hover();
    await page.mouse.down();
    await dialog.locator('.stages[data-stage=accepted], .stages[data-stage=confirmed]').waitFor();
    await page.mouse.up();
    await dialog.locator('.stages[data-stage=confirmed]').waitFor();
    assert.equal((await site.lane('gate_out')).arm.raised, 2);
    const audit = await site.ask<{ verified: boolean; entries: { action: string; actor: string }[] }>(
      'GET',
      '/api/audit',
    );
    assert.equal(audit.verified, true);
    assert.ok(
      audit.entries.some(({ action, actor }) => action.includes('gate') && actor.includes('admin')),
      JSON.stringify(audit.entries),
    );
    await page.keyboard.press('Escape');

    await until(
      page,
      "navigator.serviceWorker.ready.then((registration) => registration.active?.state === 'activated')",
    );
    await browser.context.setOffline(true);
    await page.reload();
    await page.getByRole('article', { name: 'Exit gate' }).waitFor();
    await page
      .locator('body')
      .filter({ hasText: /offline|disconnected/i })
      .waitFor();
  } finally {
    await browser.close();
    await site.stop();
    data.remove();
  }
});
