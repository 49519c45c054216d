import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GENESIS } from '@palang/contract/link/chain';
import { linkWorld, sameHistory } from '../testing/linkWorld.js';

test('a backlog is shipped in order, in batches, and then each record as it comes', async (t) => {
  const { client, hub, journal, clock, append, replica } = await linkWorld(t);
  await append(200);
  client.start();
  await clock.advance(100);
  assert.ok(await sameHistory(hub, journal));
  assert.equal(hub.refused, 0);
  assert.ok(hub.of('batch').every((batch) => batch.records.length <= 64));
  await append(1);
  await clock.advance(10);
  assert.deepEqual([hub.records.length, replica.acknowledgedSeq, journal.backlog], [201, 201, 0]);
});

test('no more than two batches are under way', async (t) => {
  const { client, hub, clock, append } = await linkWorld(t);
  const send = hub.send.bind(hub);
  hub.send = (message) => {
    if (message.type !== 'mark') send(message);
  };
  await append(300);
  client.start();
  await clock.advance(5_000);
  assert.deepEqual(
    hub.of('batch').map((batch) => batch.from),
    [1, 65],
  );
  hub.send = send;
  hub.send({
    type: 'mark',
    mark: { ...(hub.mark ?? assert.fail()), seq: 64, hash: hub.hashes[63] ?? assert.fail() },
    settled: 0,
  });
  await clock.advance(10);
  assert.equal(hub.of('batch')[2]?.from, 129);
});

test('when the reply is lost instead of the request, nothing is stored twice', async (t) => {
  const { client, hub, journal, clock, append } = await linkWorld(t);
  hub.dropReplies = 3;
  hub.dropRequests = 2;
  client.start();
  await clock.advance(10);
  for (let round = 0; round < 8; round++) {
    await append(30);
    await clock.advance(6_000);
  }
  assert.ok(hub.connections >= 5);
  assert.ok(await sameHistory(hub, journal));
});

test('a hub restored from a backup gets again what it lost, because its mark is believed when it goes backwards', async (t) => {
  const { client, hub, journal, clock, append } = await linkWorld(t);
  await append(100);
  client.start();
  await clock.advance(100);
  hub.restore(17);
  hub.drop();
  await clock.advance(6_000);
  assert.ok(await sameHistory(hub, journal));
  hub.restore(40);
  hub.send({ type: 'mark', mark: hub.mark, settled: 0 });
  await clock.advance(100);
  assert.ok(await sameHistory(hub, journal), 'also within a connection');
  hub.epoch = null;
  hub.drop();
  await clock.advance(6_000);
  assert.ok(await sameHistory(hub, journal), 'also when the hub has never heard of this journal');
});

test('a hub that holds another history is told, and goes on with ours once it has set aside what does not chain', async (t) => {
  const { client, hub, clock, append, logged } = await linkWorld(t);
  await append(10);
  client.start();
  await clock.advance(100);
  hub.restore(1);
  hub.hashes = [GENESIS];
  hub.patience = 3;
  hub.drop();
  await clock.advance(10_000);
  assert.equal(hub.of('error').at(-1)?.code, 'hash_mismatch');
  assert.ok(logged.some((line) => line.startsWith('error')));
  assert.deepEqual([hub.setAside, hub.records.length], [9, 10]);
  await append(5);
  await clock.advance(100);
  assert.deepEqual([hub.setAside, hub.records.length, hub.connections], [9, 15, 2]);
});

test('a hub that refuses for ever is asked ever more seldom', async (t) => {
  const { client, hub, clock, append } = await linkWorld(t);
  await append(3);
  client.start();
  await clock.advance(100);
  hub.restore(1);
  hub.hashes = [GENESIS];
  hub.patience = 1_000_000;
  hub.drop();
  await clock.advance(600_000);
  assert.ok(hub.batches > 5 && hub.batches < 50, `${hub.batches} batches in 10 minutes`);
});

test('a hub that knows more than the journal has is told so, and so is the gateway', async (t) => {
  const { client, hub, clock, append, world } = await linkWorld(t);
  await append(3);
  client.start();
  await clock.advance(100);
  const mark = hub.mark ?? assert.fail();
  hub.send({ type: 'mark', mark: { ...mark, seq: 50 }, settled: 0 });
  await clock.advance(100);
  assert.deepEqual([hub.of('error').at(-1)?.code, world.outdated], ['mark_ahead', 1]);
});

test('a hub that accepts and never answers is left after 10 s, for ever, and loses nothing', async (t) => {
  const { client, hub, journal, clock, append, links } = await linkWorld(t);
  hub.mute = true;
  client.start();
  await append(5);
  await clock.advance(24 * 3_600_000);
  assert.ok(hub.connections > 4_000, `${hub.connections} connections in a day`);
  assert.deepEqual(links, []);
  hub.mute = false;
  await clock.advance(20_000);
  assert.ok(await sameHistory(hub, journal));
});

test('a hub that hangs after the welcome is left as well', async (t) => {
  const { client, hub, clock, links } = await linkWorld(t);
  client.start();
  await clock.advance(2_000);
  hub.mute = true;
  await clock.advance(10_500);
  assert.deepEqual(links, ['token-1', null]);
});

test('a hub that answers everything but a batch is left after 10 s', async (t) => {
  const { client, hub, clock, append, journal } = await linkWorld(t);
  client.start();
  await clock.advance(1_000);
  const send = hub.send.bind(hub);
  hub.send = (message) => {
    if (message.type !== 'mark') send(message);
  };
  await append(1);
  await clock.advance(9_000);
  assert.equal(hub.connections, 1);
  hub.send = send;
  await clock.advance(7_000);
  assert.ok(hub.connections >= 2);
  assert.ok(await sameHistory(hub, journal));
});

test('while the hub cannot be reached the pauses grow to the longest and are never equal', async (t) => {
  const { client, hub, clock, world, logged } = await linkWorld(t);
  world.reachable = false;
  client.start();
  await clock.advance(600_000);
  const attempts = logged.filter((line) => line.includes('No link')).length;
  // Full jitter up to 5 s is 2.6 s on average.
  assert.ok(attempts > 120 && attempts < 500, `${attempts} attempts in 10 minutes`);
  world.reachable = true;
  await clock.advance(5_100);
  assert.equal(hub.connections, 1);
});
