import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@palang/contract/errors';
import type { Database } from '@palang/db/database';
import { systemClock } from '../adapters/systemClock.js';
import { testDatabase } from '../testing/database.js';
import { memoryLog } from '../testing/log.js';
import { createAudit } from './audit.js';

const act = { actor: 'user:admin', action: 'gate.open', target: 'gate_in', reason: 'ambulance', requestId: 'r1' };
const audited = (db: Database) => createAudit(db, systemClock, memoryLog());

test('an act is written down before it is carried out, and its outcome after', async (t) => {
  const audit = audited(await testDatabase(t));
  const during = await audit.carryOut(act, () => audit.page({ limit: 10 }));
  assert.deepEqual(
    during.map((row) => [row.seq, row.action, row.outcome]),
    [[1, 'gate.open', 'started']],
  );
  const [newest] = await audit.page({ limit: 1 });
  assert.deepEqual([newest?.seq, newest?.outcome, newest?.reason], [2, 'done', 'ambulance']);
});

test('an act that fails is written down with its code and still fails', async (t) => {
  const audit = audited(await testDatabase(t));
  const offline = () => Promise.reject(new CodedError('gateway_offline', 'no'));
  await assert.rejects(audit.carryOut(act, offline), { code: 'gateway_offline' });
  await assert.rejects(
    audit.carryOut(act, () => Promise.reject(new TypeError('broken'))),
    TypeError,
  );
  const outcomes = (await audit.page({ limit: 10 })).map((row) => row.outcome);
  assert.deepEqual(outcomes, ['internal', 'started', 'gateway_offline', 'started']);
});

test('what cannot be written down is not done', async (t) => {
  const db = await testDatabase(t);
  await db.execute('DROP TABLE audit_log');
  let done = false;
  await assert.rejects(
    audited(db).carryOut(act, async () => {
      done = true;
    }),
  );
  assert.equal(done, false);
});

test('acts at the same time get numbers without a gap, and the chain holds', async (t) => {
  const audit = audited(await testDatabase(t));
  await Promise.all(Array.from({ length: 25 }, () => audit.carryOut(act, async () => {})));
  const { brokenAt, head } = await audit.verify();
  assert.equal(brokenAt, null);
  assert.equal(head.seq, 50);
});

test('text that an engine could give back otherwise does not break the chain', async (t) => {
  const audit = audited(await testDatabase(t));
  const odd = { ...act, target: 'half 🚗'.slice(0, -1), reason: `zero\0 byte, line\nbreak, ${'é'.repeat(600)} ` };
  await audit.carryOut(odd, async () => {});
  assert.equal((await audit.verify()).brokenAt, null);
});

const tampering: readonly [string, string, number][] = [
  ['a changed reason', "UPDATE audit_log SET reason = 'maintenance' WHERE seq = 3", 3],
  ['a changed time', 'UPDATE audit_log SET at = at + 1 WHERE seq = 5', 5],
  ['a removed row', 'DELETE FROM audit_log WHERE seq = 4', 4],
  ['removed first rows', 'DELETE FROM audit_log WHERE seq < 3', 1],
];
for (const [what, sql, brokenAt] of tampering) {
  test(`${what} is found`, async (t) => {
    const db = await testDatabase(t);
    const audit = audited(db);
    for (let count = 0; count < 4; count++) await audit.carryOut(act, async () => {});
    assert.equal((await audit.verify()).brokenAt, null);
    await db.execute(sql);
    assert.equal((await audit.verify()).brokenAt, brokenAt);
  });
}

test('pages continue below the given number', async (t) => {
  const audit = audited(await testDatabase(t));
  for (let count = 0; count < 3; count++) await audit.carryOut(act, async () => {});
  const page = await audit.page({ after: 5, limit: 3 });
  assert.deepEqual(
    page.map((row) => row.seq),
    [4, 3, 2],
  );
});
