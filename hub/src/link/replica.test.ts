import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Epoch } from '@palang/contract/ids';
import { MAX_MESSAGE_BYTES } from '@palang/contract/link/envelope';
import { machine } from '@palang/db/testing/engines';
import { createReplica, type ReplicaStep } from './replica.js';

const EPOCH = Epoch.parse('0123456789abcdef');
const make = () => createReplica(EPOCH, machine.clock);

/** A gateway's replica: applies steps as the protocol says, and refuses one that does not follow. */
class Copy {
  rows = new Map<string, unknown>();
  version: string | null = null;
  apply(steps: readonly ReplicaStep[]): void {
    for (const { from, to, changes } of steps) {
      if (from === null) this.rows = new Map();
      else assert.equal(from, this.version);
      for (const { table, key, value } of changes) {
        if (value === null) this.rows.delete(`${table}/${key}`);
        else this.rows.set(`${table}/${key}`, value);
      }
      this.version = to;
    }
  }
}

test('a copy that is brought up to date at any moment holds exactly the rows that are there', () => {
  const replica = make();
  const truth = new Map<string, unknown>();
  const copies = [new Copy(), new Copy(), new Copy()];
  let state = 7;
  for (let step = 0; step < 30_000; step += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const key = `k${(state >>> 8) % 50}`;
    if ((state >>> 20) % 3 === 0) {
      replica.put('cards', key, null);
      truth.delete(`cards/${key}`);
    } else {
      replica.put('cards', key, { n: state % 4 });
      truth.set(`cards/${key}`, { n: state % 4 });
    }
    // One always at once, one now and then, one after a long absence.
    for (const [index, pause] of [1, 97, 14_000].entries()) {
      if (step % pause === 0) copies[index]?.apply(replica.stepsFrom(copies[index]?.version ?? null));
    }
  }
  for (const copy of copies) {
    copy.apply(replica.stepsFrom(copy.version));
    assert.deepEqual(new Map([...copy.rows].sort()), new Map([...truth].sort()));
    assert.equal(copy.version, replica.version());
    assert.deepEqual(replica.stepsFrom(copy.version), []);
  }
});

test('a row that is the same already makes no new version', () => {
  const replica = make();
  const first = replica.put('cards', 'a', { n: 1 });
  assert.equal(replica.put('cards', 'a', { n: 1 }), first);
  assert.equal(replica.put('cards', 'b', null), replica.version());
  assert.equal(replica.version(), first);
});

test('a version of another hub start, or one from the future, gets everything anew', () => {
  const replica = make();
  replica.put('cards', 'a', { n: 1 });
  for (const version of ['fedcba9876543210.1', `${EPOCH}.99`]) {
    const [step, ...rest] = replica.stepsFrom(version);
    assert.equal(step?.from, null);
    assert.deepEqual(rest, []);
  }
});

test('a snapshot larger than a message goes in parts that follow each other', () => {
  const replica = make();
  for (let row = 0; row < 3_000; row += 1) replica.put('cards', `${row}`, { text: 'x'.repeat(1_000), row });
  const steps = replica.stepsFrom(null);
  assert.ok(steps.length > 3);
  for (const step of steps) assert.ok(JSON.stringify(step).length < MAX_MESSAGE_BYTES);
  const copy = new Copy();
  copy.apply(steps);
  assert.equal(copy.rows.size, 3_000);
});

test('rows that are gone are forgotten in the end, and who was away so long gets a snapshot without them', () => {
  const replica = make();
  replica.put('cards', 'stays', { n: 1 });
  const old = replica.version();
  for (let row = 0; row < 40_000; row += 1) {
    replica.put('sessions', `${row}`, { row });
    replica.put('sessions', `${row}`, null);
  }
  const recent = replica.version();
  replica.put('cards', 'new', { n: 2 });
  assert.deepEqual(
    replica.stepsFrom(old).map(({ from, changes }) => [from, changes.map(({ key }) => key)]),
    [[null, ['stays', 'new']]],
  );
  assert.deepEqual(
    replica.stepsFrom(recent).map(({ from, changes }) => [from, changes.map(({ key }) => key)]),
    [[recent, ['new']]],
  );
});
