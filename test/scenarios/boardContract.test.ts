import { type BoardBench, boardContract } from '@palang/gateway/drivers/board/contract';
import { createBoardDriver } from '@palang/gateway/drivers/board/driver';
import { systemClock } from '@palang/gateway/drivers/system/clock';
import { virtualBoard } from './boardBench.js';

const PATH = process.env.PALANG_HIL_BOARD;

boardContract('emulated board', virtualBoard);
boardContract(
  'real board (PALANG_HIL_BOARD)',
  PATH === undefined ? 'PALANG_HIL_BOARD names no device' : realBoard(PATH),
);

function realBoard(path: string): () => Promise<BoardBench> {
  return () =>
    Promise.resolve({
      makeDriver: () => createBoardDriver({ clock: systemClock, path }),
      async until(condition: () => boolean, limit: number) {
        const end = systemClock.monotonic() + limit;
        while (!condition()) {
          if (systemClock.monotonic() > end) throw new Error(`it did not happen within ${limit} ms: ${condition}`);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      },
    });
}
