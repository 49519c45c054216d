import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { rupiah } from '@palang/contract/money';
import type { Payment } from '../../ports/payment.js';

/** A terminal under test, and the driver in front of it. */
export interface TerminalBench {
  /** A client of the terminal that was not started yet. */
  makePayment(): Payment;
  /** Names debts that the terminal has never heard of, also in the next run. */
  freshKey(): string;
  /** Absent where no program can do these things. */
  readonly world?: {
    /** Resolves when the driver is asked to pay `key`. */
    asked(key: string): Promise<void>;
    answer(key: string, outcome: 'approve' | 'decline'): void;
    /** The next approval takes the money and drops the line instead of telling. */
    dropAfterApproval(): void;
    off(off: boolean): void;
    /** Times money was taken. */
    taken(): number;
  };
}

type World = NonNullable<TerminalBench['world']>;

const AMOUNT = rupiah(5_000);

/**
 * The obligations of Payment, on any terminal. `make` a text is the reason why there is none: the tests are then pending. Nothing is taken without a `world`:
 * the one charge that is begun there is called off.
 */
export function paymentContract(name: string, make: string | ((t: TestContext) => Promise<TerminalBench>)): void {
  const check = (
    title: string,
    scenario: (bench: TerminalBench, payment: Payment, health: Health, t: TestContext) => Promise<void>,
  ) => {
    if (typeof make === 'string') {
      test(`${name}: ${title}`, { skip: make }, () => undefined);
      return;
    }
    test(`${name}: ${title}`, async (t) => {
      const bench = await make(t);
      const payment = bench.makePayment();
      t.after(() => payment.stop());
      const health = new Health(payment);
      await health.said(1);
      await scenario(bench, payment, health, t);
    });
  };
  const checkWithWorld = (
    title: string,
    scenario: (bench: TerminalBench, world: World, payment: Payment, health: Health) => Promise<void>,
  ) => {
    check(title, async (bench, payment, health, t) => {
      if (bench.world === undefined) t.skip('needs somebody who pays and pulls cables');
      else await scenario(bench, bench.world, payment, health);
    });
  };

  check('comes online, and a debt it never saw is none', async (bench, payment, health) => {
    assert.deepEqual(health.words, ['online']);
    assert.deepEqual(await payment.resolve(bench.freshKey()), { status: 'none' });
  });

  check('a charge that is called off settles, and no money moved', async (bench, payment) => {
    const key = bench.freshKey();
    const charge = payment.charge(key, AMOUNT);
    await payment.cancel(key);
    assert.equal((await charge).status, 'cancelled');
    const found = await payment.resolve(key);
    assert.ok(found.status === 'declined' || found.status === 'cancelled', found.status);
  });

  checkWithWorld(
    'an approved charge names its amount, and asking again takes nothing again',
    async (bench, world, payment) => {
      const key = bench.freshKey();
      const charge = payment.charge(key, AMOUNT);
      await world.asked(key);
      assert.deepEqual(await payment.resolve(key), { status: 'pending' });
      world.answer(key, 'approve');
      const outcome = await charge;
      assert.ok(outcome.status === 'approved');
      assert.equal(outcome.amount, AMOUNT);
      assert.deepEqual(await payment.charge(key, AMOUNT), outcome);
      assert.deepEqual(await payment.resolve(key), outcome);
      assert.equal(world.taken(), 1);
    },
  );

  checkWithWorld('a declined charge took nothing', async (bench, world, payment) => {
    const key = bench.freshKey();
    const charge = payment.charge(key, AMOUNT);
    await world.asked(key);
    world.answer(key, 'decline');
    assert.equal((await charge).status, 'declined');
    assert.equal(world.taken(), 0);
  });

  checkWithWorld(
    'a line lost during a charge leaves it unknown until it is resolved, and it is taken once',
    async (bench, world, payment, health) => {
      const key = bench.freshKey();
      world.dropAfterApproval();
      const charge = payment.charge(key, AMOUNT);
      await world.asked(key);
      world.answer(key, 'approve');
      assert.equal((await charge).status, 'unknown');
      await health.said(3);
      const found = await payment.resolve(key);
      assert.ok(found.status === 'approved');
      assert.equal(found.amount, AMOUNT);
      assert.deepEqual(await payment.charge(key, AMOUNT), found);
      assert.equal(world.taken(), 1);
    },
  );

  checkWithWorld(
    'a terminal that is off is told once, takes no charge, and is told once when it is back',
    async (bench, world, payment, health) => {
      world.off(true);
      await health.said(2);
      const key = bench.freshKey();
      assert.deepEqual(await payment.charge(key, AMOUNT), { status: 'declined', reason: 'terminal_offline' });
      await assert.rejects(payment.resolve(key), { code: 'terminal_offline' });
      world.off(false);
      await health.said(3);
      assert.deepEqual(health.words, ['online', 'offline', 'online']);
      assert.deepEqual(await payment.resolve(key), { status: 'none' });
    },
  );
}

/** What a payment said of its health, in order. */
class Health {
  readonly words: string[] = [];
  #waiting: (() => void)[] = [];

  constructor(payment: Payment) {
    payment.start({ online: () => this.#word('online'), offline: () => this.#word('offline') });
  }

  /** Resolves when it has said `count` words. */
  async said(count: number): Promise<void> {
    while (this.words.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #word(word: string): void {
    this.words.push(word);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
