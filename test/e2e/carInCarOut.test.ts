import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startMariaDb } from '@palang/db/testing/mariadb';
import { dataFolder, Palang } from './palang.js';

interface Stay {
  readonly engine: string;
  readonly env: Record<string, string>;
}

/** The promise of `npm start`, the same on both engines. */
async function carInCarOut({ engine, env }: Stay): Promise<void> {
  const data = dataFolder();
  let site = await Palang.start(data.path, env);
  try {
    const readyAt = performance.now();
    await site.sendCar('gate_in', 'CARD_001', 'B 1234 XYZ');
    await site.session('CARD_001', 'parked');
    await site.sendCar('gate_out', 'CARD_001', 'B 1234 XYZ');
    const session = await site.session('CARD_001', 'closed');
    const took = performance.now() - readyAt;
    assert.ok(took < 15_000, `a car in and out took ${took.toFixed(0)} ms on ${engine}`);

    assert.equal((await site.sessions()).length, 1);
    assert.equal(session.license_plate, 'B 1234 XYZ');
    assert.equal(session.fee?.amount, 5_000);
    assert.equal(session.paid, 5_000);
    assert.deepEqual(session.flags, []);
    const photographed = await site.until('photos of entry and exit', async () => {
      const [only] = await site.sessions();
      const purposes = new Set(only?.photos.map((photo) => photo.purpose));
      return purposes.has('entry') && purposes.has('exit') ? only?.photos : undefined;
    });
    for (const photo of photographed) {
      const picture = await site.until(`photo ${photo.digest} at the hub`, async () => {
        const response = await fetch(`${site.ready.hub}/api/photos/${photo.digest}`, {
          headers: { authorization: `Bearer ${site.ready.apiKey}` },
        });
        return response.status === 200 ? new Uint8Array(await response.arrayBuffer()) : undefined;
      });
      assert.deepEqual([picture[0], picture[1]], [0xff, 0xd8]);
    }
    for (const gate of ['gate_in', 'gate_out']) {
      const world = await site.until(`${gate}'s arm down again`, async () => {
        const lane = await site.lane(gate);
        return lane.arm.lowered === 1 ? lane : undefined;
      });
      assert.deepEqual([world.arm.raised, world.arm.lowered, world.arm.hits, world.passed], [1, 1, 0, 1]);
    }
    assert.equal((await site.lane('gate_out')).terminal?.charges.length, 1);

    await site.stop();
    site = await Palang.start(data.path, env);
    assert.ok(site.startup < 10_000, `the second start took ${site.startup.toFixed(0)} ms on ${engine}`);
    const [kept, ...more] = await site.sessions();
    assert.deepEqual([kept?.id, kept?.status, more.length], [session.id, 'closed', 0]);
  } finally {
    await site.stop();
    data.remove();
  }
}

test('a car drives in and out of a fresh site: one session, the right fee, one payment, two photos, two rises of two arms', () =>
  carInCarOut({ engine: 'SQLite', env: {} }));

test('the same on MariaDB', async () => {
  const mariadb = await startMariaDb();
  after(() => mariadb.stop());
  await carInCarOut({ engine: 'MariaDB', env: { DATABASE_URL: await mariadb.createDatabase() } });
});
