import type { EventView } from '@palang/contract/api/shapes';
import { formatPlate } from '@palang/contract/plate';
import type { Key } from '../../i18n/id.js';
import type { Words } from '../../i18n/words.js';

/** An event as a person reads it. `abnormal` ones are marked, `technical` ones are shown on request. */
export interface Sentence {
  readonly text: string;
  readonly tone: 'normal' | 'abnormal';
  readonly technical: boolean;
}

const TECHNICAL: ReadonlySet<string> = new Set([
  'gateway_started',
  'clock_stepped',
  'opening_commanded',
  'arm_opened',
  'arm_up',
  'arm_down',
  'photo_taken',
  'entry_approved',
  'exit_approved',
]);
const ABNORMAL: ReadonlySet<string> = new Set([
  'entry_denied',
  'exit_denied',
  'payment_failed',
  'tailgating',
  'fault_raised',
  'photo_missed',
]);

/** The human sentence of any event, of kinds that this build does not know too. */
export function sentence(event: EventView, words: Words): Sentence {
  const unexplained = event.kind === 'arm_opened' && event.data.expected === false;
  const unresolved = event.kind === 'payment_failed' && event.data.outcome === 'unknown';
  const known = words.word('event', event.kind) === null ? 'other' : event.kind;
  const kind = unexplained ? 'arm_unexplained' : unresolved ? 'payment_unknown' : known;
  return {
    text: words.t(`event.${kind}` as Key, parameters(event, words)),
    tone: unexplained || ABNORMAL.has(event.kind) ? 'abnormal' : 'normal',
    technical: !unexplained && (known === 'other' || TECHNICAL.has(event.kind)),
  };
}

function parameters({ kind, gate_id, plate, card_id, data }: EventView, words: Words) {
  const spoken = (prefix: string, code: string) => words.word(prefix, code) ?? code;
  const quote = data.quote as { amount?: unknown } | undefined;
  const amount = number(data.amount) ?? number(quote?.amount);
  const reason = text(data.reason) ?? '';
  const outcome = text(data.outcome);
  return {
    gate: gate_id === null ? '' : words.gate(gate_id),
    who: plate === null ? (card_id ?? words.t('event.car')) : formatPlate(plate),
    amount: amount === null ? words.t('common.unknown') : words.money(amount),
    method: spoken('method', text(data.method) ?? ''),
    reason: kind === 'payment_failed' && outcome !== null ? spoken('outcome', outcome) : reasonWord(reason, words),
    actor: text(data.actor) ?? words.t('common.unknown'),
    action: spoken('action', text(data.action) ?? ''),
    fault: spoken('fault', text(data.fault) ?? ''),
    s: Math.round((number(data.by) ?? 0) / 1000),
    kind,
  };
}

/** A reason is a code of `decide()`, one of the operator's chips, or free text. */
function reasonWord(reason: string, words: Words): string {
  return words.word('result', reason) ?? words.word('reason', reason) ?? reason;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
