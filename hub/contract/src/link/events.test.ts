import assert from 'node:assert/strict';
import { test } from 'node:test';
import { event, stamp } from '../testing/builders.js';
import { EventHeader, type EventKind, eventData, type ParsedRecord, parseRecord } from './events.js';

const DIGEST = 'ab'.repeat(32);
const REF = `s${'0f'.repeat(16)}`;
const SESSION = 'gw-in:0123456789abcdef:7';
const QUOTE = {
  tariff: 'demo-1',
  vehicle_class: 'car',
  minutes: 12,
  lines: [{ kind: 'first_block', day: 1, count: 1, unit: 5_000, amount: 5_000 }],
  amount: 5_000,
  flags: [],
};
const APPROVAL = { credential: REF, card: null, plate: REF, vehicle_class: 'car', right: 'casual', source: 'reader' };
const PAYMENT = { key: `${SESSION}/1`, revision: 1, amount: 5_000, method: 'cash', reference: 'r', masked: null };
const SAMPLES: Partial<Record<EventKind, object>> = {
  entry_approved: { ...APPROVAL, over_capacity: false },
  entry_voided: { reason: 'back_out' },
  exit_quoted: { quote: QUOTE, credential: REF, card: 'CARD_1', source: 'api' },
  payment_settled: PAYMENT,
  tailgating: { direction: 'in', behind: SESSION, vehicle_class: 'car' },
  operator_command: { command: 'c', action: 'capture', actor: 'a', reason: 'r', outcome: 'accepted' },
  arm_up: {},
  arm_opened: { openings: 3, expected: true, by: 1 },
  fault_raised: { fault: 'board_offline', detail: 'unplugged' },
  photo_taken: { digest: DIGEST, bytes: 30_000, purpose: 'entry' },
};

/** What stands in for a field, each wrong or nearly right in its own way. */
const INTRUDERS = [
  ...[
    null,
    true,
    0,
    -1,
    1.5,
    2 ** 53,
    '',
    'x',
    'gw-in',
    'gate_in',
    'car',
    REF,
    `${REF}0`,
    DIGEST,
    SESSION,
    `${SESSION}\n`,
  ],
  ...[
    'y'.repeat(500),
    'y'.repeat(501),
    '\u{1F697}'.repeat(250),
    [],
    [1],
    {},
    { length: 0 },
    { stream: 1, sequence: 2 },
  ],
  ...[QUOTE, QUOTE.lines, stamp()],
];

function choices(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Changes one place of a value, anywhere in it: another value, a field more, a field less. */
function spoil(value: unknown, choose: (below: number) => number): unknown {
  if (typeof value !== 'object' || value === null || choose(4) === 0) return INTRUDERS[choose(INTRUDERS.length)];
  const keys = Object.keys(value);
  const act = choose(keys.length + 2);
  const key = keys[choose(keys.length)];
  const copy = structuredClone(value) as Record<string, unknown>;
  if (act === 0 || key === undefined) copy.more = 1;
  else if (act === 1) delete copy[key];
  else copy[key] = spoil(copy[key], choose);
  return copy;
}

/** What the schemas themselves say of a record: slow, and the truth. */
function bySchemas(text: string): ParsedRecord {
  const header = EventHeader.safeParse(JSON.parse(text));
  if (!header.success) return { ok: false, code: 'bad_header', header: null };
  const kind = header.data.kind as EventKind;
  if (!Object.hasOwn(eventData, kind)) return { ok: false, code: 'unknown_kind', header: header.data };
  const data = eventData[kind].safeParse(header.data.data);
  if (!data.success) return { ok: false, code: 'bad_data', header: header.data };
  return { ok: true, event: { ...header.data, kind, data: data.data } as never };
}

test('records are read exactly as the schemas say, whatever is wrong with them', () => {
  const choose = choices(20_261_123);
  const seen: Record<string, number> = {};
  for (const [kind, data] of Object.entries(SAMPLES)) {
    const sound = event(kind as EventKind, { data: data as never, session: SESSION as never });
    for (let round = 0; round < 2_000; round += 1) {
      let spoilt: unknown = sound;
      for (let times = choose(4); times > 0; times -= 1) spoilt = spoil(spoilt, choose);
      const text = JSON.stringify(spoilt).replace('"more"', choose(2) === 0 ? '"__proto__"' : '"toString"');
      const parsed = parseRecord(text);
      assert.deepStrictEqual(parsed, bySchemas(text), text);
      const outcome = parsed.ok ? 'ok' : parsed.code;
      seen[outcome] = (seen[outcome] ?? 0) + 1;
    }
  }
  // The fuzz is worth something only while it reaches each of the outcomes often.
  for (const outcome of ['ok', 'bad_header', 'bad_data', 'unknown_kind']) {
    assert.ok((seen[outcome] ?? 0) > 50, `${outcome}: ${seen[outcome] ?? 0}`);
  }
});
