import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventData } from '@palang/contract/link/events';
import { en } from '../../i18n/en.js';
import { id } from '../../i18n/id.js';
import { makeWords } from '../../i18n/words.js';
import { eventView } from '../../live/testing.js';
import { sentence } from './model.js';

const indonesian = makeWords('id', id, 'Asia/Jakarta');
const english = makeWords('en', en, 'Asia/Jakarta');

test('a passage names the vehicle by its plate', () => {
  const event = eventView(1, { kind: 'entry_passed', plate: 'B1234XYZ', card_id: 'CARD_001' });
  assert.equal(sentence(event, indonesian).text, 'B 1234 XYZ masuk');
  assert.equal(sentence(event, english).text, 'B 1234 XYZ entered');
});

test('a payment says how much and how', () => {
  const event = eventView(1, { kind: 'payment_settled', plate: 'B1A', data: { amount: 5000, method: 'emoney' } });
  assert.equal(sentence(event, indonesian).text.replace('\u00a0', ' '), 'B 1 A membayar Rp 5.000 (uang elektronik)');
});

test('a denial is abnormal and gives its reason in words', () => {
  const event = eventView(1, { kind: 'entry_denied', card_id: 'CARD_009', data: { reason: 'card_blocked' } });
  const said = sentence(event, english);
  assert.deepEqual([said.text, said.tone], ['CARD_009 denied entry: card blocked', 'abnormal']);
});

test('an opening that nothing explains is never hidden among technical records', () => {
  const ordinary = sentence(eventView(1, { kind: 'arm_opened', data: { expected: true, by: 1 } }), english);
  const strange = sentence(eventView(2, { kind: 'arm_opened', data: { expected: false, by: 1 } }), english);
  assert.deepEqual([ordinary.technical, ordinary.tone], [true, 'normal']);
  assert.deepEqual([strange.technical, strange.tone], [false, 'abnormal']);
  assert.match(strange.text, /without a command/);
});

test('an unclear payment is told apart from a declined one', () => {
  const of = (outcome: string) =>
    sentence(eventView(1, { kind: 'payment_failed', data: { outcome, reason: 'x' } }), english);
  assert.match(of('unknown').text, /unclear/);
  assert.match(of('declined').text, /declined/);
});

test('an operator act names who, what and why', () => {
  const data = { actor: 'sari', action: 'open', reason: 'lost_card', outcome: 'accepted', command: 'x' };
  assert.equal(sentence(eventView(1, { kind: 'operator_command', data }), english).text, 'sari: Open (Lost card)');
});

test('a kind that this build does not know is shown by its name', () => {
  const said = sentence(eventView(1, { kind: 'drone_landed' }), english);
  assert.deepEqual([said.text, said.technical], ['Entry gate: drone_landed', true]);
});

test('every kind of the contract has a sentence that leaves nothing unfilled, even with empty data', () => {
  for (const kind of Object.keys(eventData)) {
    for (const words of [indonesian, english]) {
      const said = sentence(eventView(1, { kind }), words);
      assert.doesNotMatch(said.text, /[{}]/, kind);
      assert.notEqual(said.text, words.t('event.other', { gate: words.gate('gate_in'), kind }), kind);
    }
  }
});
