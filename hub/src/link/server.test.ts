import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CodedError } from '@palang/contract/errors';
import { Card } from '@palang/contract/link/replica';
import { connect } from '@palang/db/connect';
import { migrator } from '@palang/db/migrate';
import { seed } from '@palang/db/seeds';
import { machine } from '@palang/db/testing/engines';
import { openBack } from './back.js';
import { FakeGateway, serve, snapshot } from './testing/fakeGateway.js';

const code = (expected: string) => (error: unknown) => error instanceof CodedError && error.code === expected;
const by = { actor: 'operator:test', reason: 'test' };
const open = { op: 'gate', action: 'open', duration: 0 } as const;

/** A hub with one paired gateway, over real sockets on a real file. */
async function hub(t: TestContext, file?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'palang-link-'));
  const database = connect(file ?? join(folder, 'hub.db'), machine);
  await migrator(database, machine.clock).up();
  await seed(database, machine.clock);
  const reports: unknown[] = [];
  const back = await openBack({ database, ...machine, report: (error) => reports.push(error) });
  const { url, stop } = await serve(back.link);
  t.after(async () => {
    await stop();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });
  const pair = async (gateway: FakeGateway) => {
    const { code } = await back.pairing.createCode(gateway.name);
    gateway.hubPublicKey = (await back.pairing.pair(code, gateway.name, gateway.publicKey)).hubPublicKey;
    return gateway;
  };
  const paired = () => pair(new FakeGateway('gw-in', ['gate_in']));
  return { ...back, database, url, reports, pair, paired };
}

/** Resolves once the directory says what `fits` wants of a lane. */
function laneIs(link: Awaited<ReturnType<typeof hub>>['link'], id: string, online: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (link.directory.lane(id)?.online === online) return resolve();
    const stop = link.directory.onChange((status) => {
      if (status.lane.gate_id !== id || status.online !== online) return;
      stop();
      resolve();
    });
  });
}

test('a pairing code lets the gateway in for which it was made, once, in time', async (t) => {
  const { pairing, database } = await hub(t);
  const gateway = new FakeGateway('gw-in', ['gate_in']);
  const { code: first } = await pairing.createCode('gw-in');
  await assert.rejects(pairing.pair(first, 'gw-two', gateway.publicKey), code('bad_pairing_code'));
  await pairing.pair(first, 'gw-in', gateway.publicKey);
  await assert.rejects(pairing.pair(first, 'gw-two', gateway.publicKey), code('bad_pairing_code'));
  await assert.rejects(pairing.pair('not-a-code', 'gw-two', gateway.publicKey), code('bad_pairing_code'));
  const { code: second } = await pairing.createCode('gw-two');
  await assert.rejects(pairing.pair(second, 'gw-two', 'no key'), code('bad_public_key'));
  await assert.rejects(pairing.pair(second, 'hub', gateway.publicKey), code('bad_gateway_name'));
  await database.execute('UPDATE pairing_codes SET expires_at = 0');
  await assert.rejects(pairing.pair(second, 'gw-two', gateway.publicKey), code('bad_pairing_code'));
  const stored = await database.query<{ code_hash: string }>('SELECT code_hash FROM pairing_codes');
  assert.ok(stored.every((row) => row.code_hash !== first && row.code_hash !== second));
});

test('a stranger, a wrong signature and a revoked gateway are all refused alike', async (t) => {
  const { url, paired, database } = await hub(t);
  const attempt = async (gateway: FakeGateway, change: object) => {
    const { nonce } = await gateway.dial(url);
    gateway.send({ ...gateway.hello(nonce), ...change });
    assert.equal((await gateway.next('error')).code, 'unauthorised');
    assert.equal(await gateway.closed, 4401);
  };
  await attempt(new FakeGateway('gw-stranger', ['gate_in']), {});
  const gateway = await paired();
  await attempt(gateway, { signature: gateway.hello('another nonce').signature });
  await database.execute('UPDATE gateways SET revoked_at = 1');
  await attempt(gateway, {});
});

test('a batch is answered with the mark, and the session is in the replica of another gateway', async (t) => {
  const { url, paired, pair, ledger } = await hub(t);
  const gateway = await paired();
  assert.equal((await gateway.connect(url)).mark, null);
  const other = await pair(new FakeGateway('gw-out', ['gate_out']));
  await other.connect(url);
  const first = await other.next('replica');
  assert.equal(first.from, null);
  assert.ok(first.changes.some(({ table, key }) => table === 'tariffs' && key === 'demo-1'));

  const session = gateway.journal.enters('w26:42', 1_000, 'B1234XY');
  gateway.sendBatch(1);
  const { mark } = await gateway.next('mark');
  assert.deepEqual(mark, { epoch: gateway.journal.epoch, seq: 2, hash: gateway.journal.hashes[1] });
  const delta = await other.next('replica');
  assert.equal(delta.from, first.to);
  assert.deepEqual(
    delta.changes.map(({ key, value }) => [key, value?.credential, value?.plate]),
    [[session, 'w26:42', 'B1234XY']],
  );
  gateway.journal.leaves(session, 60_000);
  gateway.sendBatch(3);
  assert.deepEqual((await other.next('replica')).changes, [{ table: 'sessions', key: session, value: null }]);
  assert.equal((await ledger.session(session))?.session.payments.length, 1);
});

test('a gateway that comes back with the version it had gets only what changed since', async (t) => {
  const { url, paired, reference } = await hub(t);
  const gateway = await paired();
  await gateway.connect(url);
  gateway.replica = (await gateway.next('replica')).to;
  gateway.hangUp();
  await gateway.closed;
  await reference.saveCard(aCard('CARD_9'));
  await gateway.connect(url);
  const { from, changes } = await gateway.next('replica');
  assert.equal(from, gateway.replica);
  assert.deepEqual(
    changes.map(({ table, key }) => `${table} ${key}`),
    ['cards CARD_9'],
  );
  gateway.hangUp();
  await gateway.closed;
  gateway.replica = '0000000000000000.5';
  await gateway.connect(url);
  assert.equal((await gateway.next('replica')).from, null);
});

test('a change is known to be at a gateway once that gateway has said so', async (t) => {
  const { url, paired, reference, replica } = await hub(t);
  const gateway = await paired();
  await gateway.connect(url);
  await gateway.next('replica');
  await reference.saveCard(aCard('CARD_9'));
  const { to } = await gateway.next('replica');
  await assert.rejects(replica.whenAcknowledged(replica.version(), ['gw-in'], 20), code('replica_timeout'));
  const acknowledged = replica.whenAcknowledged(replica.version(), ['gw-in'], 10_000);
  gateway.send({ type: 'replica_ack', version: to, skipped: 0 });
  await acknowledged;
});

test('a command goes out signed, quoting the last stamp, its counter rising, and its answer comes back', async (t) => {
  const { url, paired, link, hubEpoch } = await hub(t);
  const gateway = await paired();
  await gateway.connect(url);
  const outcomes = [link.command('gate_in', open, by), link.command('gate_in', open, by)];
  const [first, second] = [await gateway.nextCommand(), await gateway.nextCommand()];
  assert.deepEqual([first.hub_epoch, first.boot, first.stamp, first.gateway], [hubEpoch, 'boot1', 5_000, 'gw-in']);
  assert.ok(second.counter > first.counter);
  gateway.send({ type: 'command_result', id: second.id, outcome: 'lane_busy', detail: { state: 'open' } });
  gateway.send({ type: 'command_result', id: first.id, outcome: 'accepted', detail: {} });
  assert.deepEqual(await Promise.all(outcomes), [
    { id: first.id, outcome: 'accepted', detail: {} },
    { id: second.id, outcome: 'lane_busy', detail: { state: 'open' } },
  ]);
});

test('a command to an unknown gate, to an absent gateway, or cut off in the middle says which', async (t) => {
  const { url, paired, link } = await hub(t);
  await assert.rejects(link.command('gate_9', open, by), code('unknown_gate'));
  const gateway = await paired();
  await gateway.connect(url);
  const cut = link.command('gate_in', open, by);
  await gateway.nextCommand();
  gateway.hangUp();
  await assert.rejects(cut, code('gateway_timeout'));
  await laneIs(link, 'gate_in', false);
  await assert.rejects(link.command('gate_in', open, by), code('gateway_offline'));
  // Nothing was kept for it: on its return it finds no command.
  await gateway.connect(url);
  gateway.send({ type: 'clock', boot: 'boot1', mono: 6_000 });
  await gateway.next('clock');
  const fresh = link.command('gate_in', open, by);
  const command = await gateway.nextCommand();
  assert.equal(command.stamp, 6_000);
  gateway.send({ type: 'command_result', id: command.id, outcome: 'accepted', detail: {} });
  assert.equal((await fresh).outcome, 'accepted');
});

test('a second connection of a gateway replaces the first, and the lanes stay online', async (t) => {
  const { url, paired, link } = await hub(t);
  const gateway = await paired();
  await gateway.connect(url);
  const { socket, closed } = gateway;
  await gateway.connect(url);
  assert.equal(await closed, 4409);
  assert.notEqual(gateway.socket, socket);
  assert.equal(link.directory.lane('gate_in')?.online, true);
});

test('malformed messages are answered and survived, until a flood of them closes the connection', async (t) => {
  const { url, paired, link } = await hub(t);
  const gateway = await paired();
  await gateway.connect(url);
  for (const text of ['{', '[]', '{"type":"open_sesame"}', '{"type":"batch"}', '{"type":"live","lane":{}}']) {
    gateway.sendText(text);
    assert.equal((await gateway.next('error')).code, 'bad_message', text);
  }
  gateway.sendFrame('gate_9', new Uint8Array([1]));
  assert.equal((await gateway.next('error')).code, 'unknown_lane');
  gateway.journal.enters('w26:1', 1_000);
  gateway.sendBatch(1);
  assert.equal((await gateway.next('mark')).mark?.seq, 2);
  for (let count = 0; count < 30; count += 1) gateway.sendText('{');
  assert.equal(await gateway.closed, 1008);
  await laneIs(link, 'gate_in', false);
});

test('a message above the limit costs the connection, not the hub', async (t) => {
  const { url, paired, link } = await hub(t);
  const gateway = await paired();
  await gateway.connect(url);
  gateway.sendText('x'.repeat(2 * 1_048_576));
  assert.equal(await gateway.closed, 1009);
  await laneIs(link, 'gate_in', false);
  await gateway.connect(url);
});

test('live snapshots and frames are the latest of their lane, and only of an own lane', async (t) => {
  const { url, paired, pair, link } = await hub(t);
  const gateway = await paired();
  const other = await pair(new FakeGateway('gw-two', ['gate_in']));
  await gateway.connect(url);
  await other.connect(url);
  assert.equal((await other.next('error')).code, 'lane_taken');
  other.send({ type: 'live', lane: snapshot('gate_in') });
  assert.equal((await other.next('error')).code, 'unknown_lane');
  assert.equal(link.directory.lane('gate_in')?.snapshot, null);

  const seen = new Promise((resolve) => {
    link.directory.onChange((status) => status.snapshot !== null && resolve(status.snapshot.state));
  });
  gateway.send({ type: 'live', lane: snapshot('gate_in') });
  assert.equal(await seen, 'closed');
  const frame = new Promise<number[]>((resolve) => {
    const stop = link.watch('gate_in', ({ jpeg }) => {
      stop();
      resolve([...jpeg]);
    });
  });
  assert.equal((await gateway.next('watch')).lane, 'gate_in');
  gateway.sendFrame('gate_in', new Uint8Array([7, 8, 9]));
  assert.deepEqual(await frame, [7, 8, 9]);
  assert.deepEqual([...(link.latestFrame('gate_in')?.jpeg ?? [])], [7, 8, 9]);
});

test('an upload token counts for the connection that got it and no longer', async (t) => {
  const { url, paired, link } = await hub(t);
  const gateway = await paired();
  const { upload_token } = await gateway.connect(url);
  assert.equal(link.uploader(upload_token), 'gw-in');
  assert.equal(link.uploader('0'.repeat(32)), null);
  gateway.hangUp();
  await laneIs(link, 'gate_in', false);
  assert.equal(link.uploader(upload_token), null);
});

test('after a restart the hub knows the lanes, as offline, and has a new epoch and the same key', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'palang-link-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'hub.db');
  const before = await hub(t, file);
  const gateway = await before.paired();
  await gateway.connect(before.url);
  await gateway.next('replica');
  gateway.journal.enters('w26:1', 1_000);
  gateway.sendBatch(1);
  await gateway.next('mark');
  await before.link.close();
  assert.equal(await gateway.closed, 1001);

  const after = await hub(t, file);
  assert.notEqual(after.hubEpoch, before.hubEpoch);
  assert.deepEqual(
    after.link.directory.lanes().map(({ lane, online, age }) => [lane.gate_id, online, age]),
    [['gate_in', false, null]],
  );
  const { mark } = await gateway.connect(after.url);
  assert.equal(mark?.seq, 2);
  const full = await gateway.next('replica');
  assert.equal(full.from, null);
  assert.equal(full.changes.filter(({ table }) => table === 'sessions').length, 1);
  const outcome = after.link.command('gate_in', open, by);
  const { id } = await gateway.nextCommand();
  gateway.send({ type: 'command_result', id, outcome: 'accepted', detail: {} });
  assert.equal((await outcome).outcome, 'accepted');
});

function aCard(label: string): Card {
  const unbounded = { valid_from: null, valid_until: null };
  const card = { label, credential: 'w26:9', right: 'casual', vehicle_class: 'car', plate: null, status: 'active' };
  return Card.parse({ ...card, ...unbounded });
}
