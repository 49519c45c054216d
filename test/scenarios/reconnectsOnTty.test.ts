import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { EmulatedBoard } from '@palang/emulator/board';
import { RealTimePacer } from '@palang/emulator/realtime';
import { BoardTty } from '@palang/emulator/tty';
import { listen } from '@palang/gateway/drivers/board/contract';
import { createBoardDriver } from '@palang/gateway/drivers/board/driver';
import { openSerial } from '@palang/gateway/drivers/board/transport';
import { systemClock } from '@palang/gateway/drivers/system/clock';
import { HEX } from './boardBench.js';

const RECONNECTS = 20;
const WARM_UP = 10;
const LAMP = 13;
/** Heap that ten reconnects may add, in bytes: johnny-five keeps 8 to 20 KB of each for ever; a port or client left behind is several times that. */
const GROWTH_LIMIT = 600_000;

function tty(t: TestContext): { tty: BoardTty; board: EmulatedBoard; path: string } {
  const board = new EmulatedBoard({ hex: HEX });
  for (const pin of [7, 8, 9, 12] as const) board.setInput(pin, false);
  const pacer = new RealTimePacer();
  pacer.add(board);
  const folder = mkdtempSync(join(tmpdir(), 'palang-reconnect-'));
  const path = join(folder, 'gate');
  const line = new BoardTty(board, path);
  pacer.poll(line);
  line.plug();
  pacer.start();
  t.after(() => {
    line.unplug();
    pacer.stop();
    rmSync(folder, { recursive: true });
  });
  return { tty: line, board, path };
}

test('twenty cables pulled and plugged on a real tty leave no listener, no timer and no memory behind', async (t) => {
  const { tty: cable, board, path } = tty(t);
  /** Only the last: a list of them would keep alive what has to be collected. */
  const open: { line?: ReturnType<typeof openSerial> } = {};
  const driver = createBoardDriver({
    clock: systemClock,
    path,
    lamps: { green: LAMP },
    openTransport: (name) => {
      assert.notEqual(open.line?.isOpen, true, 'the line before is closed');
      open.line = openSerial(name);
      return open.line;
    },
  });
  let told: () => void = () => undefined;
  const heard = listen(driver);
  const note = heard.push.bind(heard);
  heard.push = (...items) => {
    const length = note(...items);
    told();
    return length;
  };
  /** The next time this is told. */
  const next = (what: string) =>
    new Promise<void>((resolve) => {
      told = () => {
        if (heard.at(-1)?.what === what) resolve();
      };
    });
  const lampOn = () =>
    new Promise<void>((resolve) => {
      const forget = board.onOutput(LAMP, (level) => {
        if (!level) return;
        forget();
        resolve();
      });
    });

  driver.show('green');
  await Promise.all([next('online'), lampOn()]);
  let before = 0;
  for (let round = 1; round <= RECONNECTS; round++) {
    const offline = next('offline');
    cable.unplug();
    await offline;
    const back = Promise.all([next('online'), lampOn()]);
    cable.plug();
    await back;
    heard.length = 0;
    if (round === WARM_UP) before = heapUsed();
  }
  const growth = heapUsed() - before;
  await driver.barrier.stop();

  assert.equal(driver.counters().connections, RECONNECTS + 1);
  assert.equal(open.line?.isOpen, false);
  assert.ok(growth < GROWTH_LIMIT, `the heap grew by ${growth} bytes`);
  assert.ok(process.listenerCount('SIGINT') === 0, 'johnny-five has not taken Ctrl-C');
});

/** After a full collection, which only V8's own flag gives to a program. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
