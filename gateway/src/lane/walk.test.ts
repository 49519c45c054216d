import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BenchOptions } from './bench.js';
import { readState } from './state.js';
import { step } from './step.js';
import { nameOf, type Step, Walk } from './walk.js';

/** What must hold after every single input, whatever came before. */
class Invariants {
  readonly #unresolved = new Set<string>();
  readonly #charged = new Set<string>();
  readonly #payments = new Set<string>();
  readonly #approved = new Set<string>();
  readonly #passed = new Set<string>();
  readonly #voided = new Set<string>();
  #left = 0;
  #touches = 0;
  #crossings = 0;
  #records = 0;
  inputs = 0;

  readonly check = (step: Step): void => {
    this.inputs++;
    this.#shape(step);
    this.#openings(step);
    this.#money(step);
    this.#passages(step);
    this.#continues(step);
  };

  /** The parts of a state belong together, and no state waits for nothing. */
  #shape({ transition: { state } }: Step): void {
    const { phase, opening, demand, waiting, timers, debt } = state;
    assert.equal(opening !== null && phase !== 'closing', ['opening', 'open', 'passing'].includes(phase), phase);
    assert.equal(demand !== null, phase === 'awaitingPayment');
    assert.equal(waiting !== null, phase === 'deciding');
    assert.ok(state.next === null || phase === 'passing' || phase === 'closing', `next in ${phase}`);
    const ends = {
      opening: 'rise',
      closing: 'lower',
      denied: 'denied',
      identifying: 'denied',
      awaitingPayment: 'payment',
    };
    const timer = ends[phase as keyof typeof ends];
    const cancelled = phase === 'awaitingPayment' && debt !== null;
    if (timer !== undefined && !cancelled) assert.ok(timer in timers, `${phase} without timer ${timer}`);
    if (phase === 'open') assert.ok('unused' in timers, 'open without an end');
    if (phase === 'deciding') assert.ok(debt !== null, 'deciding about nothing');
  }

  /** Nothing opens without its record, in the same append. */
  #openings({ transition: { effects, records } }: Step): void {
    const sent = effects.filter((effect) => effect.kind === 'send' && ['raise', 'hold'].includes(effect.operation));
    const recorded = records.filter(({ kind }) => kind === 'opening_commanded');
    assert.deepEqual(
      sent.map((effect) => effect.kind === 'send' && effect.prepared?.sequence),
      recorded.map((draft) => draft.kind === 'opening_commanded' && draft.data.board_sequence),
    );
  }

  /** Nobody is charged while an outcome is unknown, a key is charged once and settled once. */
  #money({ transition: { effects, records } }: Step): void {
    for (const draft of records) {
      if (draft.kind === 'payment_settled') {
        assert.ok(!this.#payments.has(draft.data.key), `settled twice: ${draft.data.key}`);
        this.#payments.add(draft.data.key);
        this.#unresolved.delete(draft.data.key);
      }
      if (draft.kind === 'payment_failed' && draft.data.outcome !== 'unknown') this.#unresolved.delete(draft.data.key);
    }
    for (const effect of effects) {
      if (effect.kind !== 'charge') continue;
      assert.deepEqual([...this.#unresolved], [], 'charged while another is unresolved');
      assert.ok(!this.#charged.has(effect.key), `charged twice: ${effect.key}`);
      assert.ok(effect.amount > 0);
      this.#charged.add(effect.key);
      this.#unresolved.add(effect.key);
    }
  }

  /** A passage belongs to one session, and a session has one passage. */
  #passages({ before, transition: { state, records } }: Step): void {
    if (before.loops.closing !== true && state.loops.closing === true) this.#touches++;
    for (const draft of records) {
      this.#records++;
      if (draft.kind === 'entry_approved') this.#approved.add(nameOf(this.#records));
      if (draft.kind === 'entry_voided') this.#once(this.#voided, draft.session);
      if (draft.kind === 'entry_passed') this.#once(this.#passed, draft.session);
      if (draft.kind === 'exit_passed') this.#left++;
      if (draft.kind === 'tailgating') this.#crossings++;
      const proven = draft.kind === 'entry_passed' || draft.kind === 'exit_passed';
      if (proven && draft.data.evidence === 'passageProven') this.#crossings++;
    }
    assert.ok(this.#crossings <= this.#touches, 'more passages than vehicles on the closing loop');
  }

  #once(sessions: Set<string>, session: string | null): void {
    assert.ok(session !== null && this.#approved.has(session), 'a session that nobody approved');
    assert.ok(!sessions.has(session), `twice: ${session}`);
    sessions.add(session);
  }

  /** A state that went through JSON continues exactly as one that did not. */
  #continues({ transition, bench }: Step): void {
    const text = JSON.stringify(transition.state);
    assert.deepEqual(readState(text), transition.state);
    if (this.inputs % 7 !== 0) return;
    const { origin, epoch } = { origin: 'gw-test', epoch: '00000000000000ee' } as never;
    const context = { now: bench.now, origin, epoch, nextSeq: 1_000_000, prepared: { boot: 1, sequence: 1 } };
    const presented = bench.presented('CARD_001');
    const input = { kind: 'credential' as const, presented, look: bench.look(presented) };
    assert.deepEqual(
      step(readState(text), input, context, bench.rules),
      step(transition.state, input, context, bench.rules),
    );
  }

  /** At rest every session that was approved has passed or was voided. */
  end(phase: string): void {
    assert.equal(phase, 'closed');
    for (const session of this.#approved) {
      assert.ok(this.#passed.has(session) || this.#voided.has(session), `neither passed nor voided: ${session}`);
    }
  }

  get reached(): { approved: number; passed: number; paid: number } {
    const passed = this.#passed.size + this.#left;
    return { approved: this.#approved.size, passed, paid: this.#payments.size };
  }
}

const lanes: [title: string, options: BenchOptions][] = [
  ['an entry', {}],
  ['an exit with a terminal', withTerminal({ direction: 'out' })],
  ['a reversible lane that the host closes', withTerminal({ direction: 'reversible', closer: 'host' })],
];

function withTerminal(profile: Record<string, unknown>): BenchOptions {
  return { terminal: true, profile: { payments: ['cash', 'emoney'], ...profile } };
}

for (const [title, options] of lanes) {
  test(`whatever happens to ${title}, the invariants hold over 40,000 inputs and more`, () => {
    let inputs = 0;
    const reached = { approved: 0, passed: 0, paid: 0 };
    for (let seed = 1; seed <= 20; seed++) {
      const invariants = new Invariants();
      const walk = new Walk(seed, options, (one) => {
        try {
          invariants.check(one);
        } catch (error) {
          throw new Error(`seed ${seed}, input ${invariants.inputs}: ${one.label} in ${one.before.phase}: ${error}`, {
            cause: error,
          });
        }
      });
      walk.run(2_500);
      if (walk.bench.state.suspended) walk.bench.gate('in_service');
      walk.calm();
      if (walk.bench.state.suspended) walk.bench.gate('in_service');
      invariants.end(walk.bench.state.phase);
      inputs += invariants.inputs;
      for (const what of ['approved', 'passed', 'paid'] as const) reached[what] += invariants.reached[what];
    }
    assert.ok(inputs >= 40_000);
    const { direction } = options.profile ?? {};
    const enough = reached.passed > 100 && (direction === 'out' ? reached.paid : reached.approved) > 50;
    assert.ok(enough, `the walk went nowhere: ${JSON.stringify(reached)}`);
  });
}
