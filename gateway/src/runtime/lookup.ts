import { CredentialValue } from '@palang/contract/credential';
import { CodedError } from '@palang/contract/errors';
import type { Order } from '@palang/contract/link/commands';
import { normalisePlate } from '@palang/contract/plate';
import type { Lookup } from '../lane/input.js';
import type { Presented } from '../lane/state.js';
import type { Journal } from '../ports/journal.js';
import type { Replica } from '../ports/replica.js';

export interface Books {
  readonly replica: Replica;
  readonly journal: Journal;
}

/** What the replica and the journal know about who is presented, now. */
export function look({ replica, journal }: Books, presented: Presented): Lookup {
  const card = replica.cardOf(presented.credential);
  const plate = presented.plate ?? card?.plate ?? null;
  return {
    card,
    openSession: replica.sessionOf(presented.credential),
    settings: replica.settings(),
    occupied: replica.occupied(),
    tariffs: [...replica.tariffs()],
    plate,
    plateRef: plate === null ? null : journal.subject('plate', plate),
  };
}

export function readAtLane({ replica, journal }: Books, credential: CredentialValue): Presented {
  return {
    credential,
    ref: journal.subject('credential', credential),
    card: replica.cardOf(credential)?.label ?? null,
    source: 'reader',
    intent: null,
    method: null,
    command: null,
    plate: null,
  };
}

/**
 * An order names a card by its label, or a credential. A label without a card stands for itself (`label:X`): whether that
 * may enter is decided as for any unknown credential.
 * @throws CodedError `bad_request` when it is neither.
 */
export function namedByOrder(
  { replica, journal }: Books,
  order: Extract<Order, { op: 'entry' | 'exit' }>,
  command: string,
): Presented {
  const named = CredentialValue.safeParse(order.credential);
  const label = named.success ? null : order.credential;
  const registered = named.success ? replica.cardOf(named.data) : replica.cardByLabel(order.credential);
  const spelled = CredentialValue.safeParse(
    registered?.credential ?? (label === null ? order.credential : `label:${label}`),
  );
  if (!spelled.success) throw new CodedError('bad_request', 'Neither a label nor a credential');
  const credential = spelled.data;
  return {
    credential,
    ref: journal.subject('credential', credential),
    card: registered?.label ?? label ?? labelOf(credential),
    source: 'api',
    intent: order.op,
    method: order.op === 'exit' ? order.method : null,
    command,
    plate: order.op === 'entry' && order.plate !== null ? normalisePlate(order.plate) : null,
  };
}

function labelOf(credential: CredentialValue): string | null {
  return credential.startsWith('label:') ? credential.slice('label:'.length) : null;
}
