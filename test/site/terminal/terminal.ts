import type { Cancel, Clock } from '@palang/contract/clock';
import type { Till } from '../world/laneWorld.js';
import type { Instrument } from '../world/vehicle.js';
import type { Ledger } from './ledger.js';
import type { Answer, Charge, ErrorReason, Outcome, Request } from './messages.js';

export type TerminalFault = 'drop_after_approval' | 'late' | 'refuse';

/** One connection to a host. */
export interface Host {
  answer(answer: Answer): void;
  drop(): void;
}

interface Asker {
  readonly host: Host;
  readonly id: string;
}

const PATIENCE_MS = 60_000;
const LATE_MS = 10_000;
/** Settled charges that are remembered; a gateway resolves within minutes, not after a thousand drivers. */
const MEMORY = 1_000;

/** A payment terminal by PROTOCOL.md, without its wire. The driver in front of it answers through `Till`. */
export class Terminal implements Till {
  readonly #clock: Clock;
  readonly #ledger: Ledger;
  readonly #charges: Map<string, Charge>;
  readonly #faults = new Set<TerminalFault>();
  #askers: Asker[] = [];
  #patience: Cancel | undefined;

  /** Takes over what `ledger` holds; charges that were pending when the last process ended are cancelled. */
  constructor(clock: Clock, ledger: Ledger) {
    this.#clock = clock;
    this.#ledger = ledger;
    this.#charges = new Map(ledger.load().map((charge) => [charge.key, charge]));
    for (const charge of this.#charges.values()) {
      if (charge.outcome === null) this.#store({ ...charge, outcome: { status: 'cancelled', reason: 'restarted' } });
    }
  }

  get charges(): readonly Charge[] {
    return [...this.#charges.values()];
  }

  setFault(fault: TerminalFault, active: boolean): void {
    if (active) this.#faults.add(fault);
    else this.#faults.delete(fault);
  }

  asked(): { key: string; amount: number } | undefined {
    return this.#pending();
  }

  answer(key: string, outcome: 'approve' | 'decline', instrument: Instrument): void {
    const charge = this.#charges.get(key);
    if (charge?.outcome !== null) return;
    const reference = this.#nextReference();
    const approved: Outcome = { status: 'approved', reference, instrument, masked: `****${reference.slice(-4)}` };
    this.#settle(charge, outcome === 'approve' ? approved : { status: 'declined', reason: 'by_issuer' });
  }

  handle(request: Request, host: Host): void {
    const { id } = request;
    if (request.op === 'charge') this.#charge(request, { host, id });
    else if (request.op === 'resolve') host.answer({ id, ...this.#resolution(request.key) });
    else if (request.op === 'cancel') host.answer({ id, ...this.#cancel(request.key) });
    else host.answer({ id, ...this.#status() });
  }

  /** The connection is gone: nobody there to answer, nothing else changes. */
  lost(host: Host): void {
    this.#askers = this.#askers.filter((asker) => asker.host !== host);
  }

  #charge({ key, amount, currency }: Extract<Request, { op: 'charge' }>, asker: Asker): void {
    const known = this.#charges.get(key);
    const refusal = this.#refusal(known, amount, currency);
    if (refusal !== undefined) asker.host.answer({ id: asker.id, status: 'error', key, reason: refusal });
    else if (known !== undefined && known.outcome !== null) this.#tell(asker, known, known.outcome);
    else this.#ask(known ?? { key, amount, currency, outcome: null }, asker);
  }

  #refusal(known: Charge | undefined, amount: number, currency: string): ErrorReason | undefined {
    if (known === undefined) return this.#pending() === undefined ? undefined : 'busy';
    return known.amount === amount && known.currency === currency ? undefined : 'key_conflict';
  }

  #ask(charge: Charge, asker: Asker): void {
    this.#askers.push(asker);
    if (!this.#charges.has(charge.key)) this.#begin(charge);
    if (this.#faults.has('refuse')) this.#settle(charge, { status: 'declined', reason: 'refused' });
    else asker.host.answer({ id: asker.id, status: 'waiting', key: charge.key });
  }

  #begin(charge: Charge): void {
    this.#store(charge);
    this.#patience = this.#clock.after(PATIENCE_MS, () => {
      this.#settle(charge, { status: 'cancelled', reason: 'timeout' });
    });
  }

  #settle(charge: Charge, outcome: Outcome): void {
    this.#patience?.();
    this.#store({ ...charge, outcome });
    const askers = this.#askers;
    this.#askers = [];
    if (outcome.status === 'approved' && this.#faults.delete('drop_after_approval')) {
      for (const { host } of askers) host.drop();
    } else if (this.#faults.has('late')) {
      this.#clock.after(LATE_MS, () => {
        for (const asker of askers) this.#tell(asker, charge, outcome);
      });
    } else for (const asker of askers) this.#tell(asker, charge, outcome);
  }

  #tell({ host, id }: Asker, charge: Charge, outcome: Outcome): void {
    host.answer({ id, ...described(charge, outcome) });
  }

  #resolution(key: string): Answer {
    const charge = this.#charges.get(key);
    if (charge === undefined) return { status: 'none', key };
    if (charge.outcome === null) return { status: 'pending', key };
    const answer = described(charge, charge.outcome);
    return charge.outcome.status === 'cancelled' ? { ...answer, status: 'declined' } : answer;
  }

  #status(): Answer {
    const pending = this.#pending();
    return pending === undefined ? { status: 'ready' } : { status: 'busy', key: pending.key };
  }

  #cancel(key: string): Answer {
    const charge = this.#charges.get(key);
    if (charge === undefined) return { status: 'none', key };
    const outcome = charge.outcome ?? ({ status: 'cancelled', reason: 'by_host' } as const);
    if (charge.outcome === null) this.#settle(charge, outcome);
    return described(charge, outcome);
  }

  /** One above the highest that is remembered, so that a restart repeats none. */
  #nextReference(): string {
    const used = this.charges.map(({ outcome }) =>
      outcome?.status === 'approved' ? Number(outcome.reference.slice(3)) : 0,
    );
    return `SIM${String(Math.max(0, ...used) + 1).padStart(6, '0')}`;
  }

  #pending(): Charge | undefined {
    return this.charges.find((charge) => charge.outcome === null);
  }

  #store(charge: Charge): void {
    this.#charges.set(charge.key, charge);
    for (const key of this.#charges.keys()) {
      if (this.#charges.size <= MEMORY) break;
      this.#charges.delete(key);
    }
    this.#ledger.save(this.charges);
  }
}

function described({ key, amount, currency }: Charge, outcome: Outcome): Answer {
  return outcome.status === 'approved' ? { key, amount, currency, ...outcome } : { key, ...outcome };
}
