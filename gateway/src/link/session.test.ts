import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GateId } from '@palang/contract/ids';
import { unpackFrame } from '@palang/contract/link/envelope';
import { linkWorld, sameHistory } from '../testing/linkWorld.js';

const lane = GateId.parse('gate_in');

async function linked(t: Parameters<typeof linkWorld>[0]) {
  const world = await linkWorld(t);
  world.client.start();
  await world.clock.advance(50);
  return world;
}

test('a command is carried out once, with who gave it, and its outcome goes back', async (t) => {
  const { hub, lane: gate, clock } = await linked(t);
  const command = hub.command('gate_in');
  await clock.advance(10);
  assert.deepEqual(gate.orders, [
    { order: command.order, by: { command: command.id, actor: 'user:1', reason: 'a test' } },
  ]);
  assert.deepEqual(hub.of('command_result'), [
    { type: 'command_result', id: command.id, outcome: 'accepted', detail: {} },
  ]);
  gate.answer = { ok: false, code: 'lane_unseen', detail: { loop: 'closing' } };
  hub.command('gate_in');
  await clock.advance(10);
  assert.equal(hub.of('command_result').at(-1)?.outcome, 'lane_unseen');
});

test('what a lane never hears: replayed, late, forged, foreign and garbled commands', async (t) => {
  const { hub, lane: gate, clock } = await linked(t);
  const good = hub.command('gate_in');
  await clock.advance(10);
  gate.orders.length = 0;
  const outcome = async (act: () => void): Promise<string | undefined> => {
    const before = hub.of('command_result').length;
    act();
    await clock.advance(10);
    return hub.of('command_result')[before]?.outcome;
  };
  assert.equal(await outcome(() => hub.sendCommand(JSON.stringify(good))), 'replayed');
  assert.equal(await outcome(() => hub.command('gate_in', { boot: '00000000000000bb' })), 'stale_boot');
  assert.equal(await outcome(() => hub.command('gate_in', { hub_epoch: '0123456789abcdef' })), 'stale_epoch');
  assert.equal(await outcome(() => hub.command('gate_in', { gateway: 'gw-other' })), 'wrong_gateway');
  assert.equal(await outcome(() => hub.command('gate_out')), 'unknown_lane');
  assert.equal(await outcome(() => hub.command('gate_in', { stamp: clock.monotonic() + 1_000 })), 'expired');
  assert.equal(await outcome(() => hub.command('gate_in', { stamp: 10 })), 'expired');
  const forged = JSON.stringify({ ...good, counter: 99 });
  assert.equal(await outcome(() => hub.sendCommand(forged, hub.sign('something else'))), 'bad_signature');
  assert.equal(await outcome(() => hub.sendCommand(forged, 'no base64 at all')), 'bad_signature');
  hub.sendCommand('{"id": "half a comm');
  hub.sendCommand('{"id": 7}');
  await clock.advance(10);
  assert.deepEqual(
    hub.of('error').map((error) => error.code),
    ['malformed', 'malformed'],
  );
  assert.equal(gate.orders.length, 0);
});

test('a command that arrives 10 s late is refused, however fresh it was when it was sent', async (t) => {
  const { hub, lane: gate, clock } = await linked(t);
  const send = hub.send.bind(hub);
  let late: (() => void) | null = null;
  hub.send = (message) => {
    if (message.type === 'command') late = () => send(message);
    else send(message);
  };
  const { id } = hub.command('gate_in');
  await clock.advance(10_000);
  late = late ?? assert.fail();
  (late as () => void)();
  await clock.advance(10);
  assert.deepEqual([hub.of('command_result').at(-1)?.outcome, hub.of('command_result').at(-1)?.id], ['expired', id]);
  assert.equal(gate.orders.length, 0);
});

test('a command of the connection before is refused on the next, also with a higher counter', async (t) => {
  const { hub, lane: gate, clock } = await linked(t);
  const stamp = hub.of('clock').at(-1)?.mono ?? assert.fail();
  hub.drop();
  await clock.advance(1_500);
  assert.equal(hub.connections, 2);
  hub.command('gate_in', { stamp });
  await clock.advance(10);
  assert.equal(hub.of('command_result').at(-1)?.outcome, 'expired');
  assert.equal(gate.orders.length, 0);
});

test('the counter is remembered with the journal, so that a restart replays nothing', async (t) => {
  const { hub, journal, clock } = await linked(t);
  hub.command('gate_in');
  await clock.advance(10);
  assert.equal(journal.get('command_counter'), 'feedfacefeedface.1');
});

test('garbage from the hub is counted and answered, and the connection goes on', async (t) => {
  const { hub, clock, journal, append } = await linked(t);
  const garbage = ['', '{', 'null', '[]', '{"type":"unknown"}', '{"type":"mark","mark":7,"settled":0}', '<binary>'];
  for (const text of garbage) hub.sendText(text);
  hub.send({ type: 'welcome', mark: null, upload_token: 'again' });
  hub.send({ type: 'challenge', nonce: 'again', hub_epoch: 'feedfacefeedface' as never });
  hub.send({ type: 'clock', mono: clock.monotonic() + 5_000, hub_wall: 0 });
  hub.send({ type: 'watch', lane: GateId.parse('gate_nine'), duration: 1_000 });
  await clock.advance(50);
  assert.deepEqual(
    hub.of('error').map((error) => error.code),
    [...garbage.map(() => 'bad_message'), 'out_of_turn', 'out_of_turn', 'bad_clock', 'unknown_lane'],
  );
  await append(3);
  await clock.advance(50);
  assert.deepEqual([hub.connections, await sameHistory(hub, journal)], [1, true]);
});

test('before its welcome a hub can order nothing', async (t) => {
  const world = await linkWorld(t);
  const { hub, clock, client, lane: gate } = world;
  const send = hub.send.bind(hub);
  hub.send = (message) => {
    if (message.type !== 'welcome') send(message);
  };
  client.start();
  await clock.advance(50);
  hub.sendCommand('{}');
  hub.send({ type: 'replica', from: null, to: 'feedfacefeedface.1', changes: [] });
  await clock.advance(10);
  assert.deepEqual(
    hub.of('error').map((error) => error.code),
    ['out_of_turn', 'out_of_turn'],
  );
  assert.deepEqual([gate.orders.length, world.replica.version], [0, null]);
});

test('the replica is taken over and acknowledged by version; a gap begins the connection anew with the true version', async (t) => {
  const { hub, clock, replica } = await linked(t);
  hub.send({ type: 'replica', from: null, to: 'feedfacefeedface.1', changes: [] });
  hub.send({ type: 'replica', from: 'feedfacefeedface.1', to: 'feedfacefeedface.2', changes: [] });
  await clock.advance(10);
  assert.deepEqual(
    hub.of('replica_ack').map((ack) => ack.version),
    ['feedfacefeedface.1', 'feedfacefeedface.2'],
  );
  hub.send({ type: 'replica', from: 'feedfacefeedface.7', to: 'feedfacefeedface.8', changes: [] });
  await clock.advance(2_000);
  assert.equal(replica.version, 'feedfacefeedface.2');
  assert.equal(hub.of('hello').at(-1)?.replica, 'feedfacefeedface.2');
  assert.deepEqual([hub.connections, replica.disconnects], [2, 1]);
});

test('a message that we fail on begins the connection anew, and stops nothing else', async (t) => {
  const { hub, clock, replica, client } = await linked(t);
  replica.apply = () => {
    throw new TypeError('a bug of ours');
  };
  hub.send({ type: 'replica', from: null, to: 'feedfacefeedface.1', changes: [] });
  await clock.advance(2_000);
  assert.deepEqual([hub.of('error').at(-1)?.code, hub.connections, client.linked], ['internal', 2, true]);
});

test('the clock is asked every second and the answer sets the stamps', async (t) => {
  const { hub, clock, stamps } = await linked(t);
  assert.equal(hub.of('clock').length, 1, 'at once, so that the hub can command at once');
  await clock.advance(3_000);
  assert.equal(hub.of('clock').length, 4);
  assert.equal(stamps.now().offset === null, false);
});

test('the newest state of a lane is told at each change, and again every 2 s, but not over a crowded line', async (t) => {
  const { hub, lane: gate, clock, world } = await linked(t);
  const states = () => hub.of('live').map((message) => message.lane.state);
  assert.deepEqual(states(), ['closed']);
  gate.change({ state: 'opening' });
  assert.deepEqual(states(), ['closed', 'opening']);
  world.buffered = 1_000_000;
  gate.change({ state: 'open' });
  gate.change({ state: 'passing' });
  await clock.advance(1_500);
  assert.deepEqual(states(), ['closed', 'opening']);
  world.buffered = 0;
  await clock.advance(1_000);
  assert.deepEqual(states(), ['closed', 'opening', 'passing']);
  await clock.advance(2_000);
  assert.equal(states().length, 4);
});

test('frames are sent while somebody watches, skipped on a crowded line, and end by themselves', async (t) => {
  const { hub, lane: gate, clock, world } = await linked(t);
  const show = (byte: number) => {
    for (const watcher of gate.watchers) watcher({ jpeg: new Uint8Array([0xff, byte]), at: 0 });
  };
  hub.send({ type: 'watch', lane, duration: 5_000 });
  await clock.advance(10);
  show(1);
  world.buffered = 1_000_000;
  show(2);
  world.buffered = 0;
  await clock.advance(4_000);
  hub.send({ type: 'watch', lane, duration: 5_000 });
  await clock.advance(4_000);
  show(3);
  assert.deepEqual(
    hub.frames.map((frame) => unpackFrame(frame).jpeg[1]),
    [1, 3],
  );
  await clock.advance(1_500);
  assert.equal(gate.watchers.size, 0);
});

test('a stopped client leaves no timer, no listener and no watcher behind', async (t) => {
  const { client, hub, lane: gate, clock, append } = await linked(t);
  hub.send({ type: 'watch', lane, duration: 60_000 });
  await append(1);
  await clock.advance(10);
  client.stop();
  await clock.advance(10);
  assert.deepEqual([clock.timers, gate.listeners, gate.watchers.size], [0, 0, 0]);
});
