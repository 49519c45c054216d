import { codeOf } from '@palang/contract/errors';
import type { GateId } from '@palang/contract/ids';
import { Icon } from '../../app/icons.js';
import { sendVehicle } from '../../app/operator.js';
import { notice, online, site, who } from '../../app/state.js';
import { words } from '../../i18n/language.js';
import { openSessions } from '../../live/sessions.js';
import { leavingVisitor, newVisitor, type Visitor } from './model.js';
import './demo.css';

/** In simulation only: brings a car to a gate, or sends one of those inside out again. */
export function DemoPanel() {
  const { coordinator, lanes, sessions } = site.value;
  if (coordinator?.simulation !== true || who.value?.can.includes('simulation') !== true) return null;
  const w = words.value;
  const gates = Object.values(lanes).map(({ view }) => view.lane);
  const entry = gates.find(({ direction }) => direction === 'in');
  const exit = gates.find(({ direction }) => direction === 'out');
  const inside = openSessions(sessions);
  const nobody = !inside.some(({ status, card_id }) => status === 'parked' && card_id !== null);
  const leave = () => {
    const visitor = leavingVisitor(inside, Math.random);
    if (exit !== undefined && visitor !== null) void send(exit.gate_id, visitor);
  };
  return (
    <section class="demo" aria-label={w.t('demo.title')}>
      {entry !== undefined && (
        <button
          type="button"
          disabled={!online.value}
          onClick={() => void send(entry.gate_id, newVisitor(inside, Math.random))}
        >
          <Icon name="car" /> {w.t('demo.in')}
        </button>
      )}
      {exit !== undefined && (
        <button
          type="button"
          disabled={!online.value || nobody}
          title={nobody ? w.t('demo.nobody') : undefined}
          onClick={leave}
        >
          <Icon name="car" /> {w.t('demo.out')}
        </button>
      )}
    </section>
  );
}

async function send(gate: GateId, visitor: Visitor): Promise<void> {
  const w = words.value;
  try {
    await sendVehicle(gate, visitor);
    notice.value = { text: w.t('demo.sent', { plate: visitor.license_plate, gate: w.gate(gate) }), tone: 'normal' };
  } catch (error) {
    notice.value = { text: codeOf(error) ?? 'bad_answer', tone: 'abnormal' };
  }
}
