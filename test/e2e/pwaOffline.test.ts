import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './fakeHub/browser.js';
import { openSite } from './fakeHub/scene.js';

test('an offline reload shows the shell and the last known state with its age', async (t) => {
  const { page, context, hub } = await openSite(t);
  await until(page, `navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')`);
  const exit = page.getByRole('article', { name: 'Gerbang keluar' });
  hub.lane('gate_out', {
    state: 'awaitingPayment',
    last: { card: 'CARD_009', plate: 'B7777QA', result: 'approved', at: Date.now() },
  });
  await page.getByText('B 7777 QA').waitFor();
  // The state is stored every two seconds at most: the next status brings the write.
  await until(
    page,
    `new Promise((done) => {
      const opening = indexedDB.open('palang');
      opening.onsuccess = () => {
        const reading = opening.result.transaction('state').objectStore('state').get('lastKnown');
        reading.onsuccess = () => {
          done(reading.result?.site.lanes.gate_out.view.live.state === 'awaitingPayment');
          opening.result.close();
        };
      };
    })`,
  );
  await exit.getByRole('img', { name: 'Gambar Gerbang keluar' }).waitFor();
  await context.setOffline(true);
  await hub.stop();
  await page.reload();
  await page.getByText(/Terputus sejak \d\d\.\d\d\. Data terakhir \d\d\.\d\d\.\d\d/).waitFor();
  await exit.getByText('B 7777 QA').waitFor();
  await exit.getByRole('img', { name: 'Gambar Gerbang keluar' }).waitFor();
  assert.equal(await page.locator('.sessions li').count(), 10);
  assert.equal(await exit.getByRole('button', { name: 'Kendalikan palang' }).isDisabled(), true);
  await exit
    .getByText(/\d+ dtk lalu/)
    .first()
    .waitFor();
});

test('when the hub returns the screen is live again by itself', async (t) => {
  const { page, hub } = await openSite(t, { locale: 'en' });
  await hub.stop();
  await page.getByText('Disconnected since').waitFor();
  hub.world.capacity = { capacity: 120, occupied: 119, available: 1, over_by: 0 };
  await hub.start(hub.port);
  await page.getByText('119 of 120 taken').waitFor();
  assert.equal(await page.getByText('Disconnected since').count(), 0);
});

test('garbage from the hub is counted and the lanes go on', async (t) => {
  const { page, hub, errors } = await openSite(t, { locale: 'en' });
  const before = errors.length;
  hub.say('{not json');
  hub.say('{"type":"hardware_status","payload":{"gate_id":"gate_in"}}');
  hub.say('{"type":"from_the_future","payload":{}}');
  hub.lane('gate_in', { state: 'passing' });
  await page.getByRole('article', { name: 'Entry gate' }).getByText('Passing').waitFor();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByText('Unreadable messages: 3').waitFor();
  assert.deepEqual(errors.slice(before), []);
});

test('a lane whose gateway is lost says so instead of its last state', async (t) => {
  const { page, hub } = await openSite(t, { locale: 'en' });
  hub.lane('gate_in', { state: 'open' }, { status: 'offline', controller_status: 'unknown', age: 40_000 });
  const tile = page.getByRole('article', { name: 'Entry gate' });
  await tile.getByText('Gateway offline').waitFor();
  await tile.getByText('OLD DATA').first().waitFor();
  assert.equal(await tile.getByRole('button', { name: 'Control barrier' }).isDisabled(), true);
});

test('the demo sends a car in with a new card and one of those inside out again', async (t) => {
  const { page, hub } = await openSite(t, { locale: 'en' });
  await page.getByRole('button', { name: 'Send a car in' }).click();
  await page.getByText(/sent to Entry gate/).waitFor();
  await page.getByRole('button', { name: 'Send a car out' }).click();
  await page.getByText(/sent to Exit gate/).waitFor();
  const [entering, leaving] = hub.vehicles;
  assert.equal(entering?.gate, 'gate_in');
  assert.equal(
    hub.world.sessions.some(({ card_id }) => card_id === entering?.card_id),
    false,
  );
  assert.equal(
    hub.world.sessions.some(({ card_id }) => card_id === leaving?.card_id),
    true,
  );
});
