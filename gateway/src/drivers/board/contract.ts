import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { BarrierStatus } from '../../ports/barrier.js';
import type { Receipt } from '../../ports/receipt.js';
import type { BoardDriver } from './driver.js';

/** What the listeners of a board have heard, in order. */
export interface Heard {
  readonly what:
    | 'online'
    | 'offline'
    | 'position'
    | 'opened'
    | 'passage'
    | 'fault'
    | 'loop'
    | 'card'
    | 'unreadable'
    | 'button';
  readonly value: string;
  readonly receipt: Receipt | null;
}

/** Starts a driver and writes down what it tells. `acknowledge` false keeps every event on the board. */
export function listen(driver: BoardDriver, acknowledge = true): Heard[] {
  const heard: Heard[] = [];
  const note = (what: Heard['what'], value: string, receipt: Receipt | null = null) => {
    heard.push({ what, value, receipt });
    if (acknowledge) receipt?.acknowledge();
  };
  driver.loops.start((loop, occupied, receipt) => note('loop', `${loop} ${occupied ? 'occupied' : 'clear'}`, receipt));
  driver.reader.start({
    credential: (value, receipt) => note('card', value, receipt),
    unreadable: (reason, receipt) => note('unreadable', reason, receipt),
    button: (receipt) => note('button', 'pressed', receipt),
  });
  driver.barrier.start({
    position: (position, commanded, receipt) => note('position', explained(position, commanded), receipt),
    opened: (openings, commanded, receipt) => note('opened', explained(`${openings}`, commanded), receipt),
    passage: (kind, receipt) => note('passage', kind, receipt),
    fault: (fault, active, _detail, receipt) => note('fault', `${fault} ${active ? 'raised' : 'cleared'}`, receipt),
    online: () => note('online', ''),
    offline: (reason) => note('offline', reason),
    status: () => undefined,
  });
  return heard;
}

function explained(what: string, commanded: boolean): string {
  return commanded ? what : `${what} unexplained`;
}

/** A board under test and what surrounds it. */
export interface BoardBench {
  /** A driver that was not started yet. The one before has to be stopped first. */
  makeDriver(): BoardDriver;
  /** Lets the bench's time go on until `condition`, and fails after `limit` ms of it. */
  until(condition: () => boolean, limit: number): Promise<void>;
  /** Absent where no program can do these things. */
  readonly world?: {
    card(value: number, parity: 'right' | 'wrong'): void;
    press(): void;
    occupy(loop: 'arming' | 'closing', occupied: boolean): void;
    unplug(): void;
    plug(): void;
    /** Times the arm has begun to rise. */
    rises(): number;
  };
}

type World = NonNullable<BoardBench['world']>;
type Scenario = (bench: BoardBench, world: World) => Promise<void>;

const READY_MS = 6_000;
const SOON_MS = 2_000;
/** For an arm to go all the way, with reserve. */
const MOTION_MS = 10_000;

/**
 * The obligations of Barrier, Loops and Reader as far as a board keeps them, on any board. `make` a text is the reason why there is none: the tests are then
 * pending under that title.
 * It raises the arm.
 */
export function boardContract(name: string, make: string | ((t: TestContext) => Promise<BoardBench>)): void {
  const check = (title: string, scenario: (bench: BoardBench, t: TestContext) => Promise<void>) => {
    if (typeof make === 'string') test(`${name}: ${title}`, { skip: make }, () => undefined);
    else test(`${name}: ${title}`, async (t) => scenario(await make(t), t));
  };
  const checkWithWorld = (title: string, scenario: Scenario) => {
    check(title, async (bench, t) => {
      if (bench.world === undefined) t.skip('needs somebody who pulls cables and shows cards');
      else await scenario(bench, bench.world);
    });
  };

  check('comes online once, with everything known, before anything else', async (bench) => {
    const driver = bench.makeDriver();
    assert.equal(driver.barrier.status().position, null);
    const heard = await online(bench, driver);
    assert.equal(heard[0]?.what, 'online');
    assert.equal(heard.filter(({ what }) => what === 'online').length, 1);
    assertKnown(driver.barrier.status());
    assert.notEqual(driver.loops.levels().closing, null);
    await driver.barrier.stop();
    assert.equal(driver.barrier.status().online, false);
  });

  check('a command is accepted, counted as an opening and explained', async (bench) => {
    const driver = bench.makeDriver();
    const heard = await online(bench, driver);
    const before = driver.barrier.status().openings ?? 0;
    await settled(bench, driver.barrier.send('raise', driver.barrier.prepare(), 1_000));
    await bench.until(() => heard.some(({ what, value }) => what === 'opened' && value === `${before + 1}`), SOON_MS);
    await driver.barrier.stop();
  });

  check('a command sent again under its number moves nothing again', async (bench) => {
    const driver = bench.makeDriver();
    const heard = await online(bench, driver);
    const prepared = driver.barrier.prepare();
    await settled(bench, driver.barrier.send('raise', prepared, 1_000));
    await settled(bench, driver.barrier.send('raise', prepared, 1_000));
    await bench.until(() => heard.some(({ what }) => what === 'opened'), SOON_MS);
    assert.equal(heard.filter(({ what }) => what === 'opened').length, 1);
    if (bench.world !== undefined) assert.equal(bench.world.rises(), 1);
    await driver.barrier.stop();
  });

  checkWithWorld(
    'a lost board is told once and takes no commands; what was asked before moves nothing after',
    async (bench, world) => {
      const driver = bench.makeDriver();
      const heard = await online(bench, driver);
      const prepared = driver.barrier.prepare();
      world.unplug();
      await bench.until(() => heard.some(({ what }) => what === 'offline'), SOON_MS);
      assert.deepEqual(driver.loops.levels(), { arming: null, closing: null });
      await assert.rejects(driver.barrier.send('raise', prepared, 0), { code: 'barrier_offline' });
      world.plug();
      await bench.until(() => heard.filter(({ what }) => what === 'online').length === 2, MOTION_MS);
      await assert.rejects(settled(bench, driver.barrier.send('raise', prepared, 0)), { code: 'barrier_refused' });
      assert.equal(world.rises(), 0);
      assert.equal(heard.filter(({ what }) => what === 'offline').length, 1);
      await driver.barrier.stop();
    },
  );

  checkWithWorld('each change of a loop is told once', async (bench, world) => {
    const driver = bench.makeDriver();
    const heard = await online(bench, driver);
    const loops = () => heard.filter(({ what }) => what === 'loop').map(({ value }) => value);
    await bench.until(() => loops().length === 2, SOON_MS);
    for (const [loop, occupied] of [
      ['arming', true],
      ['closing', true],
      ['arming', false],
      ['closing', false],
    ] as const) {
      world.occupy(loop, occupied);
      await bench.until(() => driver.loops.levels()[loop] === occupied, SOON_MS);
    }
    const found = ['arming clear', 'closing clear'];
    assert.deepEqual(loops(), [...found, 'arming occupied', 'closing occupied', 'arming clear', 'closing clear']);
    await driver.barrier.stop();
  });

  checkWithWorld('a card is told once, a spoilt frame as unreadable, the button as pressed', async (bench, world) => {
    const driver = bench.makeDriver();
    const heard = await online(bench, driver);
    const told = () => heard.filter(({ what }) => what === 'card' || what === 'unreadable' || what === 'button');
    world.card(1_234_567, 'right');
    await bench.until(() => told().length === 1, SOON_MS);
    world.card(1_234_567, 'wrong');
    await bench.until(() => told().length === 2, SOON_MS);
    world.press();
    await bench.until(() => told().length === 3, SOON_MS);
    assert.deepEqual(
      told().map(({ what, value }) => `${what} ${value}`),
      ['card w26:1234567', 'unreadable parity', 'button pressed'],
    );
    await driver.barrier.stop();
  });

  checkWithWorld(
    'what was not acknowledged is told again to the next driver, under the same name',
    async (bench, world) => {
      const first = bench.makeDriver();
      const before = await online(bench, first, false);
      world.card(42, 'right');
      await bench.until(() => before.some(({ what }) => what === 'card'), SOON_MS);
      await first.barrier.stop();

      const second = bench.makeDriver();
      const after = await online(bench, second);
      await bench.until(() => after.some(({ what }) => what === 'card'), SOON_MS);
      const id = (heard: Heard[]) => heard.find(({ what }) => what === 'card')?.receipt?.id;
      assert.notEqual(id(before), undefined);
      assert.deepEqual(id(after), id(before));
      await second.barrier.stop();
    },
  );
}

async function online(bench: BoardBench, driver: BoardDriver, acknowledge = true): Promise<Heard[]> {
  const heard = listen(driver, acknowledge);
  await bench.until(() => driver.barrier.status().online, READY_MS);
  return heard;
}

/** The outcome of `promise`, for which the bench's time has to go on. */
async function settled(bench: BoardBench, promise: Promise<void>): Promise<void> {
  let over = false;
  const end = () => {
    over = true;
  };
  promise.then(end, end);
  await bench.until(() => over, SOON_MS);
  return promise;
}

function assertKnown(status: BarrierStatus): void {
  assert.equal(status.online, true);
  for (const [name, value] of Object.entries(status)) assert.notEqual(value, null, name);
}
