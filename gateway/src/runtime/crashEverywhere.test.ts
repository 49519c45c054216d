import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Receipt } from '../ports/receipt.js';
import { settle } from '../testing/manualClock.js';
import { Place } from './testing/place.js';

interface Message {
  readonly sequence: number;
  readonly tell: (receipt: Receipt) => void;
}

/** What the board sees and tells: kept by it, in order, until it is acknowledged. */
class Board {
  #kept: Message[] = [];
  #sequence = 0;
  connected = true;

  happens(change: () => void, tell: (receipt: Receipt) => void): void {
    change();
    const message = { sequence: ++this.#sequence, tell };
    this.#kept.push(message);
    if (this.connected) this.#tell(message);
  }

  tellAgain(): void {
    this.connected = true;
    for (const message of [...this.#kept]) this.#tell(message);
  }

  #tell({ sequence, tell }: Message): void {
    const acknowledge = () => {
      this.#kept = this.#kept.filter((message) => message.sequence > sequence);
    };
    tell({ id: { stream: 5, sequence }, acknowledge });
  }

  get owed(): number {
    return this.#kept.length;
  }
}

/** The way of a car through an entry, as the board tells it once the raise was taken. */
function way(place: Place, board: Board): (() => void)[] {
  const loop = (name: 'arming' | 'closing', occupied: boolean) => () =>
    board.happens(
      () => {
        place.loops.now = { ...place.loops.now, [name]: occupied };
      },
      (receipt) => place.loops.changed(name, occupied, receipt),
    );
  const arm = (position: 'raising' | 'up' | 'lowering' | 'down') => () =>
    board.happens(
      () => {
        place.barrier.now = { ...place.barrier.now, position };
      },
      (receipt) => place.barrier.listener?.position(position, true, receipt),
    );
  const counted = () =>
    board.happens(
      () => {
        place.openings++;
        place.barrier.now = { ...place.barrier.now, openings: place.openings };
      },
      (receipt) => place.barrier.listener?.opened(8, true, receipt),
    );
  return [
    counted,
    arm('raising'),
    arm('up'),
    loop('closing', true),
    loop('arming', false),
    loop('closing', false),
    arm('lowering'),
    arm('down'),
  ];
}

async function crashAt(t: TestContext, steps: number, meanwhile: number): Promise<void> {
  const place = await Place.open(t);
  const board = new Board();
  board.happens(
    () => {
      place.loops.now = { arming: true, closing: false };
    },
    (receipt) => place.loops.changed('arming', true, receipt),
  );
  board.happens(
    () => undefined,
    (receipt) => place.tap('CARD_001', receipt),
  );
  await settle();
  assert.deepEqual(place.barrier.operations, ['raise']);
  const car = way(place, board);
  for (const step of car.splice(0, steps)) {
    step();
    await place.pass(300);
  }
  board.connected = false;
  const { position } = place.barrier.now;
  await place.crash(() => {
    for (const step of car.splice(0, meanwhile)) step();
    const now = place.barrier.now;
    place.comesBack = () => {
      place.connect(now.position ?? position ?? 'down');
      board.tellAgain();
    };
  });
  for (const step of car) {
    step();
    await place.pass(300);
  }
  await place.pass(10_000);
  const count = (kind: Parameters<typeof place.disk.of>[0]) => place.disk.of(kind).length;
  const at = `${steps} steps before the crash, ${meanwhile} meanwhile`;
  assert.deepEqual(
    [count('entry_approved'), count('entry_passed'), count('entry_voided'), count('opening_commanded')],
    [1, 1, 0, 1],
    at,
  );
  assert.deepEqual(
    place.disk.of('arm_opened').map(({ data }) => data.expected),
    [true],
    at,
  );
  assert.deepEqual([place.lane.snapshot().state, place.lane.snapshot().faults, board.owed], ['closed', [], 0], at);
}

for (let steps = 0; steps <= 8; steps++) {
  for (const meanwhile of [1, 2, 3, 8]) {
    test(`killed ${steps} steps into a passage while ${meanwhile} more happen unheard, it is one session and one opening`, (t) =>
      crashAt(t, steps, meanwhile));
  }
}
