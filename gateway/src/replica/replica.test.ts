import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { wiegand } from '@palang/contract/credential';
import { eventId, SessionId } from '@palang/contract/ids';
import type { Card, OpenSession, ReplicaChange } from '@palang/contract/link/replica';
import { rupiah } from '@palang/contract/money';
import { stamp } from '@palang/contract/testing/builders';
import { openSqlite } from '@palang/db/sqlite';
import { setAside } from '../drivers/journal/setAside.js';
import type { GroupJournal } from '../journal/journal.js';
import { temporaryFolder } from '../testing/folder.js';
import { startedEntry, testJournal } from '../testing/journalPlace.js';
import { ReplicaFile } from './file.js';
import { OwnDecisions } from './own.js';
import { StoredReplica } from './replica.js';

const HUB = '00000000000000ff';
const credential = wiegand(26, 1_234_567);

function card(overrides: Partial<Card> = {}): Card {
  const bounds = { valid_from: null, valid_until: null };
  return {
    label: 'CARD_001',
    credential,
    right: 'casual',
    vehicle_class: 'car',
    plate: null,
    status: 'active',
    ...bounds,
    ...overrides,
  };
}

function session(overrides: Partial<OpenSession> = {}): OpenSession {
  return {
    id: SessionId.parse('gw-test:0123456789abcdef:1'),
    credential,
    card: 'CARD_001',
    plate: null,
    vehicle_class: 'car',
    right: 'casual',
    entered: stamp(),
    entry_lane: 'gate_in',
    paid: rupiah(0),
    revision: 0,
    provisional: false,
    ...overrides,
  };
}

const row = (table: ReplicaChange['table'], key: string, value: object | null): ReplicaChange => ({
  table,
  key,
  value: value as Record<string, unknown> | null,
});
const sessionRow = (value: OpenSession) => row('sessions', value.id, value);

async function setup(folder: string) {
  const { journal, clock } = testJournal(folder);
  await journal.open();
  const warnings: string[] = [];
  const replica = new StoredReplica({
    clock,
    file: new ReplicaFile(join(folder, 'replica.db'), setAside),
    own: new OwnDecisions(journal),
    lastSeq: () => journal.nextSeq - 1,
    warn: (message) => warnings.push(message),
  });
  replica.open();
  return { replica, journal, clock, warnings, close: () => closeBoth(replica, journal) };
}

async function closeBoth(replica: StoredReplica, journal: GroupJournal): Promise<void> {
  replica.close();
  await journal.close();
}

test('a snapshot and a delta are looked up by credential, label and hash, and are there after a restart', async (t) => {
  const folder = temporaryFolder(t);
  const hash = 'a'.repeat(64);
  const first = await setup(folder);
  const changes = [row('cards', 'CARD_001', card()), row('api_keys', 'k1', { id: 'k1', hash, permissions: [] })];
  assert.equal(first.replica.apply({ from: null, to: `${HUB}.1`, changes }), 0);
  const moved = card({ credential: wiegand(26, 2) });
  first.replica.apply({ from: `${HUB}.1`, to: `${HUB}.2`, changes: [row('cards', 'CARD_001', moved)] });
  await first.close();

  const { replica, close } = await setup(folder);
  assert.equal(replica.version, `${HUB}.2`);
  assert.deepEqual(replica.cardByLabel('CARD_001'), moved);
  assert.deepEqual([replica.cardOf(credential), replica.apiKeyByHash(hash)?.id], [undefined, 'k1']);
  replica.apply({ from: `${HUB}.2`, to: `${HUB}.3`, changes: [row('api_keys', 'k1', null)] });
  assert.equal(replica.apiKeyByHash(hash), undefined);
  await close();
});

test('a row that does not fit is counted and left out, the rest applies', async (t) => {
  const { replica, warnings, close } = await setup(temporaryFolder(t));
  const changes = [row('cards', 'X', { label: 'no credential' }), row('cards', 'CARD_001', card())];
  assert.equal(replica.apply({ from: null, to: `${HUB}.1`, changes }), 1);
  assert.deepEqual([replica.cardOf(credential)?.label, warnings.length], ['CARD_001', 1]);
  await close();
});

test('a delta that does not follow is refused and changes nothing', async (t) => {
  const { replica, close } = await setup(temporaryFolder(t));
  replica.apply({ from: null, to: `${HUB}.1`, changes: [] });
  const late = { from: `${HUB}.2`, to: `${HUB}.3`, changes: [row('cards', 'CARD_001', card())] };
  assert.throws(() => replica.apply(late), { code: 'replica_gap' });
  assert.deepEqual([replica.version, replica.cardOf(credential)], [`${HUB}.1`, undefined]);
  await close();
});

test('an own entry counts at once, outlives a restart, and gives way when the hub says the same', async (t) => {
  const folder = temporaryFolder(t);
  const first = await setup(folder);
  const appended = first.journal.append(startedEntry());
  const own = session({ id: eventId(appended.events[0] ?? assert.fail()) });
  first.replica.opened(own);
  await appended.durable;
  await first.close();

  const { replica, journal, close } = await setup(folder);
  assert.deepEqual([replica.sessionOf(credential), replica.occupied()], [own, 1]);
  assert.equal(journal.entries('own:').length, 1);
  replica.apply({ from: null, to: `${HUB}.1`, changes: [sessionRow({ ...own, plate: 'B1' })] });
  assert.equal(replica.sessionOf(credential)?.plate, 'B1');
  assert.equal(journal.entries('own:').length, 0);
  await close();
});

test('an own exit hides the session until the hub has removed it, whatever older news arrives in between', async (t) => {
  const { replica, close } = await setup(temporaryFolder(t));
  const open = session();
  replica.apply({ from: null, to: `${HUB}.1`, changes: [sessionRow(open)] });
  replica.gone(open.id);
  replica.apply({ from: `${HUB}.1`, to: `${HUB}.2`, changes: [sessionRow({ ...open, plate: 'B1' })] });
  assert.deepEqual([replica.sessionById(open.id), replica.occupied()], [undefined, 0]);
  replica.apply({ from: `${HUB}.2`, to: `${HUB}.3`, changes: [row('sessions', open.id, null)] });
  replica.apply({ from: `${HUB}.3`, to: `${HUB}.4`, changes: [sessionRow(open)] });
  assert.equal(replica.occupied(), 1, 'nothing of the own decision is left');
  await close();
});

test('a payment taken here is not forgotten because the hub tells an older revision', async (t) => {
  const { replica, close } = await setup(temporaryFolder(t));
  const open = session();
  replica.changed({ ...open, paid: rupiah(5_000), revision: 1 });
  replica.apply({ from: null, to: `${HUB}.1`, changes: [sessionRow(open)] });
  assert.equal(replica.sessionOf(credential)?.paid, 5_000);
  await close();
});

test('half a minute after the hub has the record its data is right, even if it never showed the session', async (t) => {
  const { replica, journal, clock, close } = await setup(temporaryFolder(t));
  await journal.append(startedEntry()).durable;
  replica.opened(session());
  replica.acknowledged(0);
  await clock.advance(60_000);
  replica.acknowledged(1);
  await clock.advance(29_000);
  replica.acknowledged(1);
  assert.equal(replica.occupied(), 1);
  replica.disconnected();
  replica.acknowledged(1);
  await clock.advance(29_000);
  replica.acknowledged(1);
  assert.equal(replica.occupied(), 1, 'a lost link begins the time anew');
  await clock.advance(2_000);
  replica.acknowledged(1);
  assert.equal(replica.occupied(), 0);
  await close();
});

test('a file that cannot be read is set aside and the replica begins empty', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'replica.db'), 'x'.repeat(5_000));
  const { replica, warnings, close } = await setup(folder);
  assert.deepEqual([replica.version, replica.settings(), warnings.length], [null, null, 1]);
  replica.apply({ from: null, to: `${HUB}.1`, changes: [] });
  await close();
});

for (const [what, value] of [
  ['is damaged', '{"label":'],
  ['was written by another version', '{"label":"CARD_002"}'],
] as const) {
  test(`a stored row that ${what} stops nothing, and everything is asked for again`, async (t) => {
    const folder = temporaryFolder(t);
    const first = await setup(folder);
    first.replica.apply({ from: null, to: `${HUB}.1`, changes: [row('cards', 'CARD_001', card())] });
    await first.close();
    const database = openSqlite(join(folder, 'replica.db'));
    database.prepare("INSERT INTO rows (tbl, key, value) VALUES ('cards', 'CARD_002', ?)").run([value]);
    database.close();

    const { replica, close } = await setup(folder);
    assert.deepEqual([replica.version, replica.cardOf(credential)?.label], [null, 'CARD_001']);
    await close();
  });
}
