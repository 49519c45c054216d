import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataFolder, Palang } from './palang.js';

test('of ten simultaneous entries of one card at one gate one is approved, and no place is counted twice', async () => {
  const data = dataFolder();
  const site = await Palang.start(data.path);
  try {
    const capacity = await site.ask<{ available: number; occupied: number }>('GET', '/api/parking/capacity');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        site.call('POST', '/api/parking/entry', { card_id: 'CARD_007', license_plate: 'B 7 C', gate_id: 'gate_in' }),
      ),
    );
    const approved = answers.filter(({ status }) => status === 200);
    assert.equal(approved.length, 1, JSON.stringify(answers.map(({ status, body }) => [status, body])));
    for (const { status } of answers) assert.ok([200, 403, 409].includes(status), `an answer of ${status}`);
    await site.session('CARD_007', 'parked');
    assert.equal((await site.sessions()).filter((session) => session.status !== 'voided').length, 1);
    const after = await site.ask<{ available: number; occupied: number; over_by: number }>(
      'GET',
      '/api/parking/capacity',
    );
    assert.deepEqual(after, { ...capacity, available: capacity.available - 1, occupied: 1, over_by: 0 });
  } finally {
    await site.stop();
    data.remove();
  }
});
