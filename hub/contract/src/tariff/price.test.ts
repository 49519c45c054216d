import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../errors.js';
import type { Stay } from '../instant.js';
import { rupiah, sum } from '../money.js';
import { type PriceInput, price } from './price.js';
import { Tariff, tariffFor } from './tariff.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const tariff = Tariff.parse({
  version: 'test-1',
  name: 'Test',
  effective_from: 0,
  ceiling: 500_000,
  rates: {
    car: {
      free_minutes: 0,
      first: { minutes: 60, amount: 5_000 },
      increment: { minutes: 60, amount: 3_000 },
      daily_cap: 30_000,
    },
    motorcycle: {
      free_minutes: 10,
      first: { minutes: 120, amount: 2_000 },
      increment: { minutes: 60, amount: 1_000 },
      daily_cap: null,
    },
  },
});

const certain = (duration: number): Stay => ({ duration, shortest: duration, certain: true });

function quote(overrides: Partial<PriceInput>) {
  return price({ tariff, vehicleClass: 'car', stay: certain(0), paid: rupiah(0), covered: false, ...overrides });
}

const carTable: [title: string, duration: number, amount: number][] = [
  ['no time at all costs the first block', 0, 5_000],
  ['one millisecond', 1, 5_000],
  ['the last instant of the first block', HOUR, 5_000],
  ['one millisecond past the first block', HOUR + 1, 8_000],
  ['two hours', 2 * HOUR, 8_000],
  ['two hours and a second', 2 * HOUR + 1_000, 11_000],
  ['nine hours, just under the cap', 9 * HOUR, 29_000],
  ['ten hours reach the cap', 10 * HOUR, 30_000],
  ['a whole day is capped', DAY, 30_000],
  ['a second into the next day begins one increment', DAY + 1_000, 33_000],
  ['two whole days are two caps', 2 * DAY, 60_000],
  ['two days and three hours', 2 * DAY + 3 * HOUR, 69_000],
];

for (const [title, duration, amount] of carTable) {
  test(`a car is charged ${amount} for ${title}`, () => {
    const result = quote({ stay: certain(duration) });
    assert.equal(result.amount, amount);
    assert.equal(sum(result.lines.map((line) => line.amount)), result.amount);
  });
}

const motorcycleTable: [title: string, duration: number, amount: number][] = [
  ['exactly the free minutes', 10 * MINUTE, 0],
  ['a millisecond more than the free minutes, from the first minute', 10 * MINUTE + 1, 2_000],
  ['the whole first block', 120 * MINUTE, 2_000],
  ['four days without a cap', 4 * DAY, 2_000 + 22 * 1_000 + 3 * 24 * 1_000],
];

for (const [title, duration, amount] of motorcycleTable) {
  test(`a motorcycle is charged ${amount} for ${title}`, () => {
    assert.equal(quote({ vehicleClass: 'motorcycle', stay: certain(duration) }).amount, amount);
  });
}

test('a class without a rate is an error, never free', () => {
  assert.throws(
    () => quote({ vehicleClass: 'bus' }),
    (error) => codeOf(error) === 'no_tariff',
  );
});

test('a stay on uncertain clocks is charged by its shortest length and says so', () => {
  const result = quote({ stay: { duration: 5 * HOUR, shortest: 30 * MINUTE, certain: false } });
  assert.equal(result.amount, 5_000);
  assert.deepEqual(result.flags, ['uncertain_clock']);
});

test('what was paid before is taken off, and a surplus never becomes a negative quote', () => {
  assert.equal(quote({ stay: certain(3 * HOUR), paid: rupiah(5_000) }).amount, 6_000);
  assert.equal(quote({ stay: certain(HOUR), paid: rupiah(50_000) }).amount, 0);
});

test('a covered stay is explained by a right and costs nothing', () => {
  const result = quote({ stay: certain(5 * HOUR), covered: true });
  assert.equal(result.amount, 0);
  assert.deepEqual(
    result.lines.map((line) => line.kind),
    ['first_block', 'increments', 'right'],
  );
});

test('a fee above the ceiling is flagged for a person', () => {
  assert.deepEqual(quote({ stay: certain(159_138 * HOUR) }).flags, ['above_ceiling']);
});

test('a longer stay never costs less, minute by minute over three days', () => {
  let previous = 0;
  for (let minute = 0; minute <= 3 * 1_440; minute++) {
    const { amount } = quote({ stay: certain(minute * MINUTE) });
    assert.ok(amount >= previous, `minute ${minute}: ${amount} < ${previous}`);
    previous = amount;
  }
});

test('the tariff in force is the latest that was effective when the stay began', () => {
  const noon = Tariff.parse({ ...tariff, version: 'test-2', effective_from: 1_000 });
  assert.equal(tariffFor([noon, tariff], 999)?.version, 'test-1');
  assert.equal(tariffFor([tariff, noon], 1_000)?.version, 'test-2');
  assert.equal(tariffFor([noon], 0), undefined);
});
