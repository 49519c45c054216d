import { join } from 'node:path';
import { Epoch, Origin } from '@palang/contract/ids';
import { createBoardDriver, DEFAULT_SETTINGS } from '@palang/gateway/drivers/board/driver';
import { workerWriter } from '@palang/gateway/drivers/journal/workerWriter';
import { createPhotoFolder } from '@palang/gateway/drivers/photos/photoFolder';
import { systemClock as clock } from '@palang/gateway/drivers/system/clock';
import { systemRandom as random } from '@palang/gateway/drivers/system/random';
import { GroupJournal } from '@palang/gateway/journal/journal';
import { card, settings, tariff } from '@palang/gateway/lane/bench';
import { LaneProfile } from '@palang/gateway/lane/profile';
import type { Replica } from '@palang/gateway/ports/replica';
import { createLane } from '@palang/gateway/runtime/lane';
import { SystemStamps } from '@palang/gateway/time/stamps';

/**
 * `node tapGateway.js TTY FOLDER`: one lane as the gateway runs it, with its board driver and its journal on the disk, and books in which every card belongs to a
 * casual who is never inside, so that each tap opens. A program of its own, so that the emulated board beside it takes none of its time.
 */
const [tty = '', folder = ''] = process.argv.slice(2);

const stamps = new SystemStamps({ clock, boot: random.hex(8), synchronised: () => true, stepped: () => undefined });
const origin = Origin.parse('gw-bench');
const writer = workerWriter({ path: join(folder, 'journal.db'), origin, newEpoch: Epoch.parse(random.hex(8)) });
const health = { raise: () => undefined, clear: () => undefined };
const journal = new GroupJournal({ origin, writer, stamps, clock, random, health, damaged: () => undefined });

const replica: Replica = {
  version: null,
  settings: () => settings,
  tariffs: () => [tariff],
  cardOf: (credential) => ({ ...card('CARD_001'), credential }),
  cardByLabel: () => undefined,
  sessionOf: () => undefined,
  sessionById: () => undefined,
  occupied: () => 0,
  apiKeyByHash: () => undefined,
  opened: () => undefined,
  changed: () => undefined,
  gone: () => undefined,
};

const device = createBoardDriver({ clock, path: tty, settings: { ...DEFAULT_SETTINGS, closing_delay: 200 } });
await journal.open();
const lane = createLane({
  profile: LaneProfile.parse({ gate_id: 'gate_in', direction: 'in' }),
  clock,
  stamps,
  journal,
  replica,
  barrier: device.barrier,
  loops: device.loops,
  reader: device.reader,
  payment: null,
  camera: null,
  photos: createPhotoFolder(join(folder, 'photos'), 1_000_000),
  backlog: () => 0,
  log: (level, message, fields) => {
    if (level === 'error') process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
  },
});
await lane.start();

process.on('disconnect', () => {
  lane
    .stop()
    .then(() => journal.close())
    .then(
      () => process.exit(0),
      () => process.exit(1),
    );
});
