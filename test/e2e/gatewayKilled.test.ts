import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataFolder, Palang } from './palang.js';

test('a gateway killed with the arm up and a car under it leaves the arm up, and the session is right after its restart', async () => {
  const data = dataFolder();
  const site = await Palang.start(data.path);
  try {
    await site.sendCar('gate_in', 'CARD_005', 'B 5 A');
    await site.session('CARD_005', 'parked');
    await site.sendCar('gate_in', 'CARD_006', 'B 6 B');
    const vehicle = await site.until('the second car under the arm', async () => {
      const lane = await site.lane('gate_in');
      return lane.vehicles.find(({ phase }) => phase === 'passing');
    });
    await site.kill('gate_in');
    await site.revive('gate_in');
    const session = await site.session('CARD_006', 'parked');
    const world = await site.until(`${vehicle.vehicle_id} gone and the arm down`, async () => {
      const lane = await site.lane('gate_in');
      return lane.passed === 2 && lane.arm.angle === 0 ? lane : undefined;
    });
    assert.equal(world.arm.hits, 0);
    assert.deepEqual([world.arm.raised, world.arm.lowered], [2, 2]);
    assert.equal((await site.sessions()).length, 2);
    assert.deepEqual(session.flags, []);
  } finally {
    await site.stop();
    data.remove();
  }
});
