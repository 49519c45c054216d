import * as z from 'zod/mini';
import { Digest, GateId, SessionId, SubjectRef } from '../ids.js';
import { correctedWall, Stamp } from '../instant.js';
import { Rupiah, rupiah } from '../money.js';
import { Quote } from '../tariff/price.js';
import { EvidenceGrade, PaymentMethod, RightType, VehicleClass } from '../vocabulary.js';

const Passage = z.object({ lane: z.nullable(GateId), at: Stamp, evidence: EvidenceGrade });

export const SettledPayment = z.object({
  key: z.string(),
  revision: z.int(),
  amount: Rupiah,
  method: PaymentMethod,
  reference: z.string(),
  masked: z.nullable(z.string()),
  lane: z.nullable(GateId),
  at: Stamp,
});
export type SettledPayment = z.infer<typeof SettledPayment>;

export const SessionFlag = z.enum([
  'double_entry',
  'over_capacity',
  'entry_unknown',
  'tailgated',
  'void_conflict',
  'key_conflict',
]);
export type SessionFlag = z.infer<typeof SessionFlag>;

/**
 * One stay, as the facts known so far tell it. Facts are only ever added, and each has one place, so that the order in which
 * gateways report does not matter; the state is derived from them.
 */
export const Session = z.object({
  id: SessionId,
  entry: z.nullable(
    z.object({
      lane: z.nullable(GateId),
      at: Stamp,
      credential: z.nullable(SubjectRef),
      card: z.nullable(z.string()),
      plate: z.nullable(SubjectRef),
      vehicle_class: VehicleClass,
      right: RightType,
    }),
  ),
  /** True for the session of a vehicle that slipped in behind another. */
  provisional: z.boolean(),
  entered: z.nullable(Passage),
  voided: z.nullable(z.object({ at: Stamp, reason: z.string() })),
  payments: z.array(SettledPayment),
  /** The latest approval or void of an exit. */
  exit: z.nullable(z.object({ lane: z.nullable(GateId), at: Stamp, quote: z.nullable(Quote), approved: z.boolean() })),
  left: z.nullable(Passage),
  photos: z.array(z.object({ digest: Digest, purpose: z.string(), at: Stamp })),
  flags: z.array(SessionFlag),
});
export type Session = z.infer<typeof Session>;

export type SessionState = 'pending' | 'parked' | 'leaving' | 'closed' | 'voided' | 'entry_unknown';

export function stateOf(session: Session): SessionState {
  if (session.left !== null) return 'closed';
  if (session.entry === null) return 'entry_unknown';
  if (session.voided !== null && session.entered === null) return 'voided';
  if (session.exit?.approved === true) return 'leaving';
  return session.entered === null ? 'pending' : 'parked';
}

/** Pending sessions count: their vehicle is at the arm and has been promised a place. */
export function isInside(session: Session): boolean {
  const state = stateOf(session);
  return state === 'pending' || state === 'parked' || state === 'leaving';
}

export function paidFor(session: Session): Rupiah {
  return rupiah(session.payments.reduce((total, payment) => total + payment.amount, 0));
}

/** [from, until) in corrected wall ms; `until` is Infinity while inside; null when nothing is known of the entry or it was voided. */
export function presence(session: Session): { from: number; until: number } | null {
  if (session.entry === null || stateOf(session) === 'voided') return null;
  return {
    from: correctedWall(session.entry.at),
    until: session.left === null ? Number.POSITIVE_INFINITY : correctedWall(session.left.at),
  };
}
