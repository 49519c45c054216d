import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataFolder, Palang } from './palang.js';

test('a serial line pulled in the middle of an opening and put back three seconds later moves nothing late, and its fault is raised and cleared', async () => {
  const data = dataFolder();
  const site = await Palang.start(data.path);
  try {
    await site.sendCar('gate_in', 'CARD_008', 'B 8 D');
    await site.until('the arm on its way up', async () => (await site.lane('gate_in')).arm.angle > 0 || undefined);
    const unplugged = { lane: 'gate_in', device: 'serial', fault: 'unplugged' };
    await site.world('gate_in', 'POST', '/faults', { ...unplugged, active: true });
    const faults = async () => (await site.status()).gates.gate_in?.live?.faults ?? [];
    await site.until('the fault raised', async () => (await faults()).includes('board_offline') || undefined);
    // The board finishes alone what it had begun: the car passes and the arm comes down behind it.
    const alone = await site.until('the car through and the arm down', async () => {
      const lane = await site.lane('gate_in');
      return lane.passed === 1 && lane.arm.lowered === 1 ? lane : undefined;
    });
    assert.equal(alone.arm.hits, 0);
    const before = alone.arm;
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // the three seconds of the promise
    await site.world('gate_in', 'POST', '/faults', { ...unplugged, active: false });
    await site.until('the fault cleared', async () => !(await faults()).includes('board_offline') || undefined);
    await site.session('CARD_008', 'parked');
    const { arm } = await site.lane('gate_in');
    assert.deepEqual([arm.raised, arm.lowered, arm.angle], [before.raised, before.lowered, 0]);
    assert.equal((await site.sessions()).length, 1);
  } finally {
    await site.stop();
    data.remove();
  }
});
