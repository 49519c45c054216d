import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FileLedger } from './ledger.js';
import type { Charge } from './messages.js';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'palang-ledger-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const paid: Charge = {
  key: 'k',
  amount: 5_000,
  currency: 'IDR',
  outcome: { status: 'approved', reference: 'SIM000001', instrument: 'card', masked: '****0001' },
};

test('what was saved is there for the next process', (t) => {
  const path = join(folder(t), 'deep', 'terminal.json');
  assert.deepEqual(new FileLedger(path).load(), []);
  new FileLedger(path).save([paid]);
  new FileLedger(path).save([paid, { ...paid, key: 'open', outcome: null }]);
  assert.deepEqual(new FileLedger(path).load(), [paid, { ...paid, key: 'open', outcome: null }]);
});

test('a damaged file is an error, not an empty memory', (t) => {
  const path = join(folder(t), 'terminal.json');
  writeFileSync(path, '[{"key":"k"}]');
  assert.throws(() => new FileLedger(path).load());
  writeFileSync(path, '[{"key":');
  assert.throws(() => new FileLedger(path).load());
});
