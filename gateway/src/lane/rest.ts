import type { Turn } from './turn.js';

/** No transaction is under way: the lane stands as its standing orders and the arming loop say, and whoever was read meanwhile has his turn. */
export function rest(t: Turn) {
  const { hold, suspended, loops, next } = t.state;
  const present = loops.arming === true ? 'vehiclePresent' : 'closed';
  t.set({
    phase: hold ? 'heldOpen' : suspended ? 'outOfService' : present,
    opening: null,
    demand: null,
    waiting: null,
    next: null,
  });
  if (next !== null && !hold && !suspended) t.effect({ kind: 'lookAgain', presented: next });
  t.stop('rise', 'unused', 'backOut', 'denied', 'payment', 'lower');
}

/** Something is shown for a while, then the lane rests. */
export function show(t: Turn, phase: 'denied' | 'identifying') {
  rest(t);
  if (t.state.phase !== 'vehiclePresent' && t.state.phase !== 'closed') return;
  t.set({ phase });
  t.start('denied', t.times.denied);
}
