import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@palang/contract/errors';
import { Epoch } from '@palang/contract/ids';
import { Card } from '@palang/contract/link/replica';
import { machine, onEachEngine } from '@palang/db/testing/engines';
import { createLedger } from './ledger.js';
import { createReference } from './reference.js';
import { createReplica } from './replica.js';
import { fillReplica } from './replicaFeed.js';
import { openBooks } from './testing/books.js';
import { shipAll, TestJournal } from './testing/journal.js';

const card = (label: string, credential: string, plate: string | null = null): Card =>
  Card.parse({
    label,
    credential,
    right: 'casual',
    vehicle_class: 'car',
    plate,
    status: 'active',
    valid_from: null,
    valid_until: null,
  });

onEachEngine((engine) => {
  test('the books answer by session, by card, by credential, by page, and count who is inside', async () => {
    const { database, ingest } = await openBooks(engine);
    const ledger = createLedger(database);
    const journal = new TestJournal('gw-in');
    const ids = [1, 2, 3, 4, 5].map((car) => journal.enters(`w26:${car}`, car * 60_000, `B${car}XY`));
    journal.leaves(ids[1] as (typeof ids)[number], 400_000);
    await shipAll(ingest, journal);

    const pages: string[] = [];
    for (let before: (typeof ids)[number] | undefined; ; ) {
      const page = await ledger.sessions({ limit: 2, ...(before === undefined ? {} : { before }) });
      pages.push(...page.map(({ session }) => session.id));
      before = page.at(-1)?.session.id;
      if (page.length < 2) break;
    }
    assert.deepEqual(pages, [...ids].reverse());
    assert.equal((await ledger.sessions({ inside: true, limit: 10 })).length, 4);
    assert.deepEqual(await ledger.occupancy(), { capacity: 100, occupied: 4, available: 96, over_by: 0 });
    const [byCredential] = await ledger.openSessionsOf({ credential: 'w26:3' });
    const [byCard] = await ledger.openSessionsOf({ card: 'CARD_3' });
    assert.equal(byCredential?.session.id, ids[2]);
    assert.equal(byCard?.plate, 'B3XY');
    assert.deepEqual(await ledger.openSessionsOf({ credential: 'w26:2' }), []);
    assert.deepEqual(await ledger.openSessionsOf({}), []);
    await database.execute('UPDATE parking_slots SET capacity = 3');
    assert.deepEqual(await ledger.occupancy(), { capacity: 3, occupied: 4, available: 0, over_by: 1 });
  });

  test('a page of events goes on where the last one ended, and the newest come without a cursor', async () => {
    const { database, ingest } = await openBooks(engine);
    const ledger = createLedger(database);
    const journal = new TestJournal('gw-in');
    for (const car of [1, 2, 3]) journal.enters(`w26:${car}`, car * 60_000, `B${car}XY`);
    journal.raw('unreadable');
    await shipAll(ingest, journal);
    const seen: string[] = [];
    for (let after = 0; ; ) {
      const page = await ledger.events({ after, limit: 3 });
      seen.push(...page.map(({ id, kind, plate }) => `${id} ${kind} ${plate}`));
      after = page.at(-1)?.position ?? after;
      if (page.length < 3) break;
    }
    assert.equal(seen.length, 7);
    assert.equal(seen[2], `gw-in:${journal.epoch}:3 entry_approved B2XY`);
    const newest = await ledger.events({ limit: 2 });
    assert.deepEqual(
      newest.map(({ position, kind, header }) => [position, kind, header === null]),
      [
        [6, 'entry_passed', false],
        [7, 'unreadable', true],
      ],
    );
    assert.equal(await ledger.attentionCount(), 1);
  });

  test('reference data is stored, read back whole, and in the replica at once', async () => {
    const { database } = await openBooks(engine);
    const replica = createReplica(Epoch.parse('0123456789abcdef'), machine.clock);
    const reference = createReference(database, replica, machine.clock);
    const first = card('CARD_001', 'w26:1', 'B1234XYZ');
    await reference.saveCard(first);
    await reference.saveCard({ ...first, valid_until: 9_007_199_254_740_991 });
    assert.deepEqual(await reference.card('CARD_001'), { ...first, valid_until: 9_007_199_254_740_991 });
    assert.equal((await reference.cardOf('w26:1'))?.label, 'CARD_001');
    assert.equal(await reference.card('card_001'), null);
    await assert.rejects(
      reference.saveCard(card('CARD_002', 'w26:1')),
      (error) => error instanceof CodedError && error.code === 'credential_taken',
    );
    assert.equal(await reference.card('CARD_002'), null);
    await reference.savePlaces([{ name: 'roof', vehicleClass: 'car', capacity: 7 }]);
    const settings = await reference.settings();
    await reference.saveSettings({ ...settings, site_name: 'Mall' });
    assert.deepEqual(await reference.settings(), { ...settings, capacity: 7, site_name: 'Mall' });
    const [tariff] = await reference.tariffs();
    assert.ok(tariff);
    await reference.saveTariff({ ...tariff, version: 'demo-2' });
    assert.equal((await reference.tariffs()).length, 2);
    const rows = new Map(replica.stepsFrom(null).flatMap(({ changes }) => changes.map((row) => [row.key, row.value])));
    assert.deepEqual([...rows.keys()].sort(), ['CARD_001', 'demo-2', 'site']);
    assert.equal((rows.get('site') as { capacity: number }).capacity, 7);
  });

  test('a hub that starts fills its replica with cards, tariffs, settings and the sessions inside', async () => {
    const { database, ingest } = await openBooks(engine);
    const journal = new TestJournal('gw-in');
    const ids = [1, 2, 3].map((car) => journal.enters(`w26:${car}`, car * 60_000));
    journal.leaves(ids[0] as (typeof ids)[number], 400_000);
    await shipAll(ingest, journal);
    const replica = createReplica(Epoch.parse('0123456789abcdef'), machine.clock);
    const reference = createReference(database, replica, machine.clock);
    await reference.saveCard(card('CARD_001', 'w26:1'));
    const empty = createReplica(Epoch.parse('0123456789abcdef'), machine.clock);
    await fillReplica(empty, reference, createLedger(database));
    const keys = empty.stepsFrom(null).flatMap(({ changes }) => changes.map(({ key }) => key));
    assert.deepEqual(keys.sort(), ['CARD_001', 'demo-1', ids[1], ids[2], 'site'].sort());
  });
});
