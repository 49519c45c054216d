import { createHash } from 'node:crypto';
import { type CredentialValue, wiegand } from '@palang/contract/credential';
import { codeOf } from '@palang/contract/errors';
import type { Card } from '@palang/contract/link/replica';
import type { VehicleClass } from '@palang/contract/vocabulary';
import type { Reference } from '../link/ports.js';

/** How many numbers are tried when others have taken them: with 2^24 numbers a second try is rare. */
const TRIES = 8;

/**
 * The card of a label; an unknown label becomes a casual card. Its number is derived from the label, so that a label has
 * the same card after every fresh start. A casual card's vehicle is the one it was last sent with; `plate` null leaves it.
 */
export async function cardFor(
  label: string,
  vehicle: { readonly plate: string | null; readonly vehicleClass: VehicleClass },
  reference: Reference,
): Promise<Card> {
  const known = await reference.card(label);
  if (known !== null) return withPlate(known, vehicle.plate, reference);
  for (let attempt = 0; ; attempt++) {
    const card: Card = {
      label,
      credential: numberFor(label, attempt),
      right: 'casual',
      vehicle_class: vehicle.vehicleClass,
      plate: vehicle.plate,
      status: 'active',
      valid_from: null,
      valid_until: null,
    };
    try {
      await reference.saveCard(card);
      return card;
    } catch (error) {
      if (codeOf(error) !== 'credential_taken' || attempt >= TRIES) throw error;
      const made = await reference.card(label);
      if (made !== null) return made;
    }
  }
}

async function withPlate(card: Card, plate: string | null, reference: Reference): Promise<Card> {
  if (plate === null || plate === card.plate || card.right !== 'casual') return card;
  const changed = { ...card, plate };
  await reference.saveCard(changed);
  return changed;
}

function numberFor(label: string, attempt: number): CredentialValue {
  const digest = createHash('sha256').update(`${label}#${attempt}`).digest();
  return wiegand(26, digest.readUIntBE(0, 3));
}

/** What a reader reads of a card; null for one that is only a label. */
export function readable(credential: string): { bits: 26 | 34; value: number } | null {
  const [, bits, value] = /^w(26|34):(\d+)$/.exec(credential) ?? [];
  return bits === undefined ? null : { bits: bits === '26' ? 26 : 34, value: Number(value) };
}
