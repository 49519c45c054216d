import type { CredentialValue } from '../credential.js';
import type { Card, OpenSession, Settings } from '../link/replica.js';
import type { DenyReason, RightType, VehicleClass } from '../vocabulary.js';

export interface AccessInput {
  readonly credential: CredentialValue;
  /** The card that carries this credential, if one is registered. */
  readonly card: Card | undefined;
  /** The open session of this credential, if there is one. */
  readonly openSession: OpenSession | undefined;
  readonly settings: Settings;
  /** Vehicles inside, pending ones included, as far as this gateway knows. */
  readonly occupied: number;
  /** Classes this lane serves; the first is assumed for a credential that names none. */
  readonly laneClasses: readonly VehicleClass[];
  /** Corrected wall time, epoch ms. */
  readonly now: number;
}

export type EntryDecision =
  | {
      readonly approved: true;
      readonly vehicleClass: VehicleClass;
      readonly right: RightType;
      /** True when the site was already full and the vehicle is admitted all the same. */
      readonly overCapacity: boolean;
    }
  | { readonly approved: false; readonly reason: DenyReason };

/** May this credential enter now, and if not, why. The one function that decides, on every path. */
export function decideEntry(input: AccessInput): EntryDecision {
  const { card, settings } = input;
  if (card === undefined && !settings.admit_unknown) return deny('unknown_credential');
  if (card?.status === 'blocked') return deny('card_blocked');
  if (card !== undefined && card.valid_from !== null && input.now < card.valid_from) return deny('card_not_yet_valid');
  if (input.openSession !== undefined) return deny('already_inside');
  const vehicleClass = card?.vehicle_class ?? input.laneClasses[0];
  if (vehicleClass === undefined || !input.laneClasses.includes(vehicleClass)) return deny('class_not_allowed');
  const right = rightNow(card, input.now);
  const full = input.occupied >= settings.capacity;
  if (full && right === 'casual' && settings.when_full === 'deny') return deny('site_full');
  return { approved: true, vehicleClass, right, overCapacity: full };
}

export type ExitDecision =
  | {
      readonly approved: true;
      readonly session: OpenSession;
      readonly covered: boolean;
      readonly alert: 'card_blocked' | null;
    }
  | { readonly approved: false; readonly reason: DenyReason };

/** An exit never traps: a lapsed member leaves as a casual, a blocked card leaves and raises an alert. */
export function decideExit(input: AccessInput): ExitDecision {
  const session = input.openSession;
  if (session === undefined) return deny('no_open_session');
  const right = session.right === 'member' ? rightNow(input.card, input.now) : session.right;
  return {
    approved: true,
    session,
    covered: right !== 'casual',
    alert: input.card?.status === 'blocked' ? 'card_blocked' : null,
  };
}

/** A right counts while the card is active and not expired; otherwise its holder is a casual. */
function rightNow(card: Card | undefined, now: number): RightType {
  if (card === undefined || card.status === 'blocked') return 'casual';
  if (card.valid_until !== null && now > card.valid_until) return 'casual';
  return card.right;
}

function deny(reason: DenyReason): { approved: false; reason: DenyReason } {
  return { approved: false, reason };
}
