import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agenda } from './agenda.js';

test('entries run by cycle, then by the order of planning, those planned meanwhile included', () => {
  const agenda = new Agenda();
  const ran: string[] = [];
  const note = (name: string) => () => void ran.push(name);
  for (const [cycle, name] of [
    [30, 'd'],
    [10, 'a'],
    [20, 'c'],
    [10, 'b'],
    [40, 'never'],
  ] as const) {
    agenda.add(cycle, note(name));
  }
  agenda.add(10, () => agenda.add(25, note('inserted')));
  agenda.runDue(30);
  assert.deepEqual(ran, ['a', 'b', 'c', 'inserted', 'd']);
  assert.equal(agenda.next, 40);
});

test('a cancelled entry neither runs nor counts as next', () => {
  const agenda = new Agenda();
  let ran = 0;
  const cancel = agenda.add(5, () => {
    ran += 1;
  });
  agenda.add(9, () => {
    ran += 10;
  });
  cancel();
  assert.equal(agenda.next, 9);
  agenda.runDue(9);
  assert.equal(ran, 10);
});

test('a thousand entries in scrambled order come out sorted', () => {
  const agenda = new Agenda();
  const seen: number[] = [];
  for (let i = 0; i < 1000; i++) {
    const cycle = (i * 7919) % 1009;
    agenda.add(cycle, () => seen.push(cycle));
  }
  agenda.runDue(1009);
  assert.equal(seen.length, 1000);
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
});
