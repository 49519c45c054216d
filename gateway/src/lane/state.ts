import { CredentialValue } from '@palang/contract/credential';
import { CodedError } from '@palang/contract/errors';
import { SessionId, SubjectRef } from '@palang/contract/ids';
import { OpenSession } from '@palang/contract/link/replica';
import { Quote } from '@palang/contract/tariff/price';
import { ArmPosition, FaultCode, PaymentMethod, LaneState as Phase, VehicleClass } from '@palang/contract/vocabulary';
import * as z from 'zod';

/** Timers are part of the state, so that a restart finds them: the runtime keeps a clock timer for each. */
export const TimerName = z.enum([
  'rise',
  'unused',
  'backOut',
  'denied',
  'payment',
  'resolve',
  'reconcile',
  'lower',
  'absent',
  'unexplained',
]);
export type TimerName = z.infer<typeof TimerName>;

const Timer = z.object({ after: z.number(), boot: z.string(), due: z.number() });
export type Timer = z.infer<typeof Timer>;

/** Who asks: a credential at the reader, or an order through the API. */
export const Presented = z.object({
  credential: CredentialValue,
  ref: SubjectRef,
  card: z.nullable(z.string()),
  source: z.enum(['reader', 'api']),
  /** What the API asks for; a reader's lane direction decides. */
  intent: z.nullable(z.enum(['entry', 'exit'])),
  method: z.nullable(PaymentMethod),
  /** The order that waits for an answer. */
  command: z.nullable(z.string()),
  /** A plate told by the API: it wins over the card's. */
  plate: z.nullable(z.string()),
});
export type Presented = z.infer<typeof Presented>;

/** One opening of the arm and what came of it. */
export const Opening = z.object({
  /** The seq of the record that commanded it. */
  id: z.int(),
  cause: z.enum(['entry', 'exit', 'operator']),
  direction: z.enum(['in', 'out']),
  session: z.nullable(OpenSession),
  credential: z.nullable(CredentialValue),
  vehicle_class: VehicleClass,
  /** Lowered by itself when nobody came for this long, ms. */
  unused_after: z.number(),
  /** The device counted it: the command moved the arm. */
  counted: z.boolean(),
  /** The closing loop was occupied under this opening. */
  touched: z.boolean(),
  /** The arming loop was clear at some time since the closing loop was occupied: the vehicle went forward. */
  forward: z.boolean(),
  passed: z.boolean(),
  voided: z.boolean(),
  /** When the closing loop was last left. */
  left: z.nullable(z.object({ boot: z.string(), mono: z.number() })),
});
export type Opening = z.infer<typeof Opening>;

/** What the vehicle at an exit is asked to pay. */
export const Demand = z.object({ session: OpenSession, quote: Quote, presented: Presented });
export type Demand = z.infer<typeof Demand>;

/** A charge whose outcome is not known. While there is one, no other charge is made at this lane. */
export const Debt = z.object({
  key: z.string(),
  revision: z.int(),
  session: OpenSession,
  quote: Quote,
  presented: Presented,
  stage: z.enum(['charging', 'cancelling', 'unknown']),
  /** An operator took cash meanwhile: once the terminal has confirmed that it took nothing, that settles the debt. */
  cash: z.nullable(Presented),
});
export type Debt = z.infer<typeof Debt>;

export const LaneState = z.object({
  v: z.literal(1),
  phase: Phase,
  /** Held open by an operator until released; outlasts an opening that was under way. */
  hold: z.boolean(),
  /** Out of service as soon as the lane is idle. */
  suspended: z.boolean(),
  /** As last told; only meaningful while online. */
  loops: z.object({ arming: z.nullable(z.boolean()), closing: z.nullable(z.boolean()) }),
  arm: ArmPosition,
  online: z.boolean(),
  opening: z.nullable(Opening),
  demand: z.nullable(Demand),
  /** Known, but an earlier charge must be resolved first (deciding). */
  waiting: z.nullable(Presented),
  debt: z.nullable(Debt),
  /** Read while the arm was up for the vehicle before (passing, closing): its turn comes when the arm is down, so that each has an opening of its own. */
  next: z.nullable(Presented),
  /** Charges that a terminal refused, per session and revision: each attempt needs a key of its own, a terminal tells a known key its old outcome. */
  attempts: z.array(z.object({ session: SessionId, revision: z.int(), refused: z.int() })),
  /** The opening counter as far as records explain it; null before the device first told. */
  openings: z.nullable(z.int()),
  faults: z.array(FaultCode),
  photos: z.array(
    z.object({
      id: z.string(),
      purpose: z.enum(['entry', 'exit', 'operator', 'tailgating']),
      session: z.nullable(SessionId),
      by: z.nullable(z.object({ command: z.string(), actor: z.string(), reason: z.string() })),
    }),
  ),
  timers: z.partialRecord(TimerName, Timer),
  last: z.nullable(
    z.object({
      card: z.nullable(z.string()),
      plate: z.nullable(z.string()),
      result: z.string(),
      at: z.int(),
    }),
  ),
});
export type LaneState = z.infer<typeof LaneState>;

export const initialState: LaneState = {
  v: 1,
  phase: 'closed',
  hold: false,
  suspended: false,
  loops: { arming: null, closing: null },
  arm: 'unknown',
  online: false,
  opening: null,
  demand: null,
  waiting: null,
  debt: null,
  next: null,
  attempts: [],
  openings: null,
  faults: [],
  photos: [],
  timers: {},
  last: null,
};

/** @throws CodedError `bad_lane_state` when the text is not a state of this version. */
export function readState(text: string): LaneState {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CodedError('bad_lane_state', 'The stored lane state is not JSON');
  }
  const parsed = LaneState.safeParse(json);
  if (!parsed.success) {
    throw new CodedError('bad_lane_state', 'The stored lane state does not fit', { issues: parsed.error.issues });
  }
  return parsed.data;
}
