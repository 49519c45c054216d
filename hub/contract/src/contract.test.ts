import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { maskCredential, wiegand } from './credential.js';
import { codeOf } from './errors.js';
import { eventId, GateId, parseEventId } from './ids.js';
import { stay } from './instant.js';
import { GENESIS, link } from './link/chain.js';
import { type Command, type CommandContext, refuseCommand } from './link/commands.js';
import { Down, packFrame, parseMessage, Up, unpackFrame } from './link/envelope.js';
import { parseRecord } from './link/events.js';
import { rupiah } from './money.js';
import { formatPlate, isCivilPlate, normalisePlate } from './plate.js';
import { occupancy } from './session/occupancy.js';
import { event, stamp } from './testing/builders.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('plates are normalised and grouped', () => {
  assert.equal(normalisePlate(' b 1234-xyz '), 'B1234XYZ');
  assert.equal(formatPlate('B1234XYZ'), 'B 1234 XYZ');
  assert.equal(formatPlate('RI1'), 'RI 1');
  assert.equal(isCivilPlate('CD12345'), false);
  assert.equal(normalisePlate(' - '), null);
});

test('money is a whole number of rupiah', () => {
  assert.throws(
    () => rupiah(0.5),
    (error) => codeOf(error) === 'bad_amount',
  );
  assert.throws(
    () => rupiah(Number.NaN),
    (error) => codeOf(error) === 'bad_amount',
  );
});

test('a Wiegand number must fit its format, and is masked for people', () => {
  assert.equal(wiegand(26, 16_777_215), 'w26:16777215');
  assert.throws(
    () => wiegand(26, 16_777_216),
    (error) => codeOf(error) === 'bad_credential',
  );
  assert.equal(maskCredential('w26:16777215'), 'w26:****7215');
});

test('an event id is read back to what it names', () => {
  const name = event('gateway_started', { lane: null, data: { software: '1' } });
  const { origin, epoch, seq } = parseEventId(eventId(name));
  assert.deepEqual([origin, epoch, seq], [name.origin, name.epoch, name.seq]);
  assert.throws(
    () => parseEventId('nonsense'),
    (error) => codeOf(error) === 'bad_event_id',
  );
});

test('within one boot a stay does not move when the wall clock is stepped two hours either way', () => {
  const entry = stamp({ wall: 10_000_000, mono: 1_000 });
  for (const step of [-7_200_000, 7_200_000]) {
    const exit = stamp({ wall: 10_600_000 + step, mono: 601_000 });
    assert.deepEqual(stay(entry, exit), { duration: 600_000, shortest: 600_000, certain: true });
  }
});

test('across boots offsets against the hub count as certain, unknown clocks give the shortest stay', () => {
  const entry = stamp({ wall: 0, offset: 3_600_000, uncertainty: 200 });
  const exit = stamp({ boot: '00000000000000bb', wall: 3_900_000, offset: 0, uncertainty: 200 });
  assert.deepEqual(stay(entry, exit), { duration: 300_000, shortest: 300_000, certain: true });
  const blind = stamp({ boot: '00000000000000cc', wall: 9_000_000, offset: null, uncertainty: null, quality: 'free' });
  assert.deepEqual(stay(entry, blind), { duration: 5_400_000, shortest: 0, certain: false });
});

test('a record that cannot be understood is told apart by what is wrong with it', () => {
  const good = JSON.stringify(event('entry_passed', { data: { evidence: 'armProven' } }));
  assert.equal(parseRecord(good).ok, true);
  const cases: [string, string][] = [
    ['{', 'bad_json'],
    ['{"v":1}', 'bad_header'],
    [good.replace('entry_passed', 'teleported'), 'unknown_kind'],
    [good.replace('armProven', 'heard_a_noise'), 'bad_data'],
  ];
  for (const [text, code] of cases) {
    const parsed = parseRecord(text);
    assert.equal(parsed.ok ? 'ok' : parsed.code, code);
  }
});

test('the chain depends on every byte and on the order', () => {
  const ab = link(sha256, link(sha256, GENESIS, 'a'), 'b');
  assert.notEqual(ab, link(sha256, link(sha256, GENESIS, 'b'), 'a'));
  assert.equal(ab, sha256(`${sha256(`${GENESIS}a`)}b`));
});

test('a link message is validated in both directions', () => {
  assert.equal(parseMessage(Up, '{"type":"clock","boot":"b","mono":1}').type, 'clock');
  for (const text of ['', 'null', '{"type":"open_sesame"}', '{"type":"mark"}']) {
    assert.throws(
      () => parseMessage(Down, text),
      (error) => codeOf(error) === 'bad_message',
    );
  }
});

test('a camera frame goes through its envelope unchanged, and garbage is refused', () => {
  const jpeg = Uint8Array.from([0xff, 0xd8, 1, 2, 3]);
  const { lane, jpeg: back } = unpackFrame(packFrame(GateId.parse('gate_in'), jpeg));
  assert.equal(lane, 'gate_in');
  assert.deepEqual(back, jpeg);
  for (const bad of [[], [200, 1], [3, 65, 66, 67, 1]]) {
    assert.throws(
      () => unpackFrame(Uint8Array.from(bad)),
      (error) => codeOf(error) === 'bad_frame',
    );
  }
});

const command: Command = {
  id: '0'.repeat(32),
  gateway: 'gw',
  hub_epoch: 'e',
  counter: 5,
  boot: 'b',
  stamp: 10_000,
  lane: GateId.parse('gate_in'),
  order: { op: 'gate', action: 'open', duration: 0 },
  actor: 'operator',
  reason: 'test',
};
const context: CommandContext = {
  gateway: 'gw',
  hubEpoch: 'e',
  boot: 'b',
  monotonic: 12_000,
  lastCounter: 4,
  lanes: new Set(['gate_in']),
};
const refusals: [string, Partial<Command>, Partial<CommandContext>, string | null][] = [
  ['a fresh command', {}, {}, null],
  ['for another gateway', { gateway: 'other' }, {}, 'wrong_gateway'],
  ['of an earlier hub start', { hub_epoch: 'old' }, {}, 'stale_epoch'],
  ['for an earlier boot', { boot: 'old' }, {}, 'stale_boot'],
  ['seen before', { counter: 4 }, {}, 'replayed'],
  ['exactly five seconds old', {}, { monotonic: 15_000 }, null],
  ['ten seconds late', {}, { monotonic: 20_000 }, 'expired'],
  ['from the future', { stamp: 12_001 }, {}, 'expired'],
  ['for a lane that is not here', {}, { lanes: new Set() }, 'unknown_lane'],
];
for (const [title, change, where, expected] of refusals) {
  test(`a command ${title} is ${expected === null ? 'carried out' : `refused: ${expected}`}`, () => {
    assert.equal(refuseCommand({ ...command, ...change }, { ...context, ...where }), expected);
  });
}

test('available places are never negative and the surplus is said', () => {
  assert.deepEqual(occupancy(100, 193), { capacity: 100, occupied: 193, available: 0, over_by: 93 });
});
