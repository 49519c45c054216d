import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { signIn } from './fakeHub/browser.js';
import { openScene } from './fakeHub/scene.js';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Serious and critical violations of WCAG 2.2 A and AA, each with the elements it concerns. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = (await page.evaluate(`axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  }).then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, html: nodes.map(({ html }) => html) })))`)) as {
    id: string;
    impact: string;
    html: string[];
  }[];
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, html }) => `${id}: ${html.join(' | ')}`);
}

for (const locale of ['id', 'en'] as const) {
  for (const theme of ['light', 'dark'] as const) {
    test(`no serious barrier in ${locale}, ${theme}: sign-in, troubled lanes, events, a stay, gate control`, async (t) => {
      const { page, url, hub } = await openScene(t, { locale, theme });
      await page.goto(url);
      await page.locator('form').waitFor();
      assert.deepEqual(await violations(page), []);
      await signIn(page, url);
      const awaiting = { session: 's', amount: 5_000 as never, method: 'emoney' as const };
      hub.lane('gate_in', {
        faults: ['arm_broken', 'camera_offline'],
        backlog: 3,
        arm: 'stopped',
        state: 'outOfService',
      });
      hub.lane('gate_out', { awaiting, state: 'awaitingPayment' });
      await page.locator('.due').waitFor();
      assert.deepEqual(await violations(page), []);
      await page.getByRole('tab').nth(1).click();
      await page.locator('.events').waitFor();
      assert.deepEqual(await violations(page), []);
      await page.getByRole('tab').nth(0).click();
      await page.locator('.session').nth(4).click();
      await page.getByRole('dialog').waitFor();
      assert.deepEqual(await violations(page), []);
      await page.keyboard.press('Escape');
      await page.locator('.gate-button').nth(1).click();
      await page.getByRole('dialog').waitFor();
      assert.deepEqual(await violations(page), []);
    });
  }
}

test('the overview of two lanes fits 1280 x 800 and 1024 x 768 without scrolling', async (t) => {
  const { page, url } = await openScene(t);
  await signIn(page, url);
  for (const [width, height] of [
    [1280, 800],
    [1024, 768],
  ] as const) {
    await page.setViewportSize({ width, height });
    const hidden = await page.evaluate(`(() => {
      const lanes = document.querySelector('.lanes');
      return [
        document.documentElement.scrollHeight - innerHeight,
        document.documentElement.scrollWidth - innerWidth,
        lanes.scrollHeight - lanes.clientHeight,
      ];
    })()`);
    assert.deepEqual(hidden, [0, 0, 0], `${width} x ${height}`);
  }
});

test('nothing to press is smaller than 48 pixels, and gate actions are at least 72 high', async (t) => {
  const { page, url } = await openScene(t);
  await signIn(page, url);
  await page.locator('.gate-button').first().click();
  await page.getByRole('dialog').waitFor();
  const sizes =
    (await page.evaluate(`[...document.querySelectorAll('button, input:not([type=checkbox])')].map((element) => {
    const { width, height } = element.getBoundingClientRect();
    return { what: element.className || element.name || element.textContent, width, height, gate: element.matches('.hold, .gate-button') };
  })`)) as { what: string; width: number; height: number; gate: boolean }[];
  assert.ok(sizes.length > 15);
  assert.deepEqual(
    sizes.filter(({ width, height, gate }) => width < 48 || height < (gate ? 72 : 48)),
    [],
  );
});
