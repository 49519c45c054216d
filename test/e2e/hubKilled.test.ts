import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataFolder, Palang } from './palang.js';

test('with the hub killed between entry and exit the car still leaves, priced, and the books are right when the hub is back', async () => {
  const data = dataFolder();
  const site = await Palang.start(data.path);
  try {
    await site.sendCar('gate_in', 'CARD_002', 'D 4321 AB');
    const parked = await site.session('CARD_002', 'parked');
    // Answers once the exit gate has acknowledged the replica, the session with it; the car is still driving up.
    await site.sendCar('gate_out', 'CARD_002', 'D 4321 AB');
    await site.kill('hub');
    assert.equal((await site.lane('gate_out')).passed, 0);
    await site.until('the car to have left with the hub dead', async () => {
      const lane = await site.lane('gate_out');
      return lane.passed === 1 ? lane : undefined;
    });
    await site.revive('hub');
    const closed = await site.session('CARD_002', 'closed');
    assert.equal(closed.id, parked.id);
    assert.equal(closed.paid, 5_000);
    assert.equal((await site.sessions()).length, 1);
    assert.equal((await site.lane('gate_out')).terminal?.charges.length, 1);
  } finally {
    await site.stop();
    data.remove();
  }
});

test("yesterday's hub database is healed by the gateways", async () => {
  const data = dataFolder();
  const site = await Palang.start(data.path);
  try {
    const hub = join(data.path, 'hub');
    const backup = join(data.path, 'hub-backup');
    await site.sendCar('gate_in', 'CARD_003', 'F 11 A');
    await site.session('CARD_003', 'parked');
    await site.kill('hub');
    cpSync(hub, backup, { recursive: true });
    await site.revive('hub');
    await site.until('both gates back', async () => {
      const { gates } = await site.status();
      return Object.values(gates).every((gate) => gate.status === 'online') || undefined;
    });
    await site.sendCar('gate_out', 'CARD_003', 'F 11 A');
    const closed = await site.session('CARD_003', 'closed');
    await site.sendCar('gate_in', 'CARD_004', 'F 12 B');
    const second = await site.session('CARD_004', 'parked');

    await site.kill('hub');
    rmSync(hub, { recursive: true });
    cpSync(backup, hub, { recursive: true });
    await site.revive('hub');
    const healed = await site.session('CARD_003', 'closed');
    assert.deepEqual([healed.id, healed.paid, healed.exit_time], [closed.id, closed.paid, closed.exit_time]);
    assert.equal((await site.session('CARD_004', 'parked')).id, second.id);
    assert.equal((await site.sessions()).length, 2);
  } finally {
    await site.stop();
    data.remove();
  }
});
