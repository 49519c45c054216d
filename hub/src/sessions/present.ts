import { decideExit } from '@palang/contract/access/decide';
import type { SessionView } from '@palang/contract/api/shapes';
import type { Clock } from '@palang/contract/clock';
import { CredentialValue, maskCredential } from '@palang/contract/credential';
import { codeOf } from '@palang/contract/errors';
import { correctedWall, type Stamp, stay } from '@palang/contract/instant';
import { formatPlate } from '@palang/contract/plate';
import { isInside, paidFor, type Session, stateOf } from '@palang/contract/session/session';
import { price, type Quote } from '@palang/contract/tariff/price';
import { type Tariff, tariffFor } from '@palang/contract/tariff/tariff';
import { openSession } from '../link/openSession.js';
import type { Reference, SessionRecord } from '../link/ports.js';

/** Makes sessions ready to be seen. */
export type PresentSessions = (records: readonly SessionRecord[]) => Promise<SessionView[]>;

/** @param boot names this start of the hub, for stamps of its own clock. */
export function createSessionPresenter(reference: Reference, clock: Clock, boot: string): PresentSessions {
  return async (records) => {
    const tariffs = await reference.tariffs();
    const now: Stamp = {
      boot,
      mono: clock.monotonic(),
      wall: Math.round(clock.wall()),
      quality: 'hub',
      offset: 0,
      uncertainty: 0,
    };
    return Promise.all(
      records.map(async (record) => {
        const covered = await isCovered(record, reference, now.wall);
        return present(record, feeOf(record.session, tariffs, now, covered));
      }),
    );
  };
}

function present({ session, plate, credential }: SessionRecord, fee: Quote | null): SessionView {
  const { entry } = session;
  return {
    id: session.id,
    card_id: labelOf(session, credential),
    license_plate: plate === null ? null : formatPlate(plate),
    vehicle_type: entry?.vehicle_class ?? null,
    right: entry?.right ?? null,
    status: stateOf(session),
    entry_gate: entry?.lane ?? null,
    entry_time: entry === null ? null : correctedWall(entry.at),
    exit_gate: session.left?.lane ?? session.exit?.lane ?? null,
    exit_time: session.left === null ? null : correctedWall(session.left.at),
    fee,
    paid: paidFor(session),
    photos: session.photos.map(({ digest, purpose }) => ({ digest, purpose })),
    flags: [...session.flags],
  };
}

/** The card's label; for a card without one, its number masked. */
export function labelOf(session: Session, credential: string | null): string | null {
  if (session.entry?.card != null) return session.entry.card;
  if (credential === null) return null;
  return credential.startsWith('label:') ? credential.slice('label:'.length) : maskCredential(credential);
}

/** Null when it cannot be priced: missing is never zero. */
function feeOf(session: Session, tariffs: readonly Tariff[], now: Stamp, covered: boolean): Quote | null {
  const { entry, exit } = session;
  if (exit?.approved === true && exit.quote !== null) return exit.quote;
  if (entry === null || !isInside(session)) return null;
  const tariff = tariffFor(tariffs, correctedWall(entry.at));
  if (tariff === undefined) return null;
  try {
    const length = stay(entry.at, now);
    return price({ tariff, vehicleClass: entry.vehicle_class, stay: length, paid: paidFor(session), covered });
  } catch (error) {
    if (codeOf(error) === 'no_tariff') return null;
    throw error;
  }
}

/** Asks the same function that the exit lane will ask, about the session as the exit lane knows it. */
async function isCovered(record: SessionRecord, reference: Reference, now: number) {
  const open = openSession(record);
  if (open === null || open.right === 'casual') return false;
  const decision = decideExit({
    credential: open.credential ?? CredentialValue.parse('label:unknown'),
    card: (open.card === null ? null : await reference.card(open.card)) ?? undefined,
    openSession: open,
    settings: await reference.settings(),
    occupied: 0,
    laneClasses: [open.vehicle_class],
    now,
  });
  return decision.approved && decision.covered;
}
