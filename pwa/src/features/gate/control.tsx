import { useComputed } from '@preact/signals';
import { useId, useState } from 'preact/hooks';
import { Age } from '../../app/age.js';
import { Dialog } from '../../app/dialog.js';
import { Icon } from '../../app/icons.js';
import { commandGate } from '../../app/operator.js';
import { attempts, link, now, site, who } from '../../app/state.js';
import { words } from '../../i18n/language.js';
import { Arm } from '../lanes/arm.js';
import { Faults } from '../lanes/faults.js';
import { headline } from '../lanes/model.js';
import { Picture } from '../lanes/picture.js';
import { Sensors } from '../lanes/sensors.js';
import { HoldButton } from './holdButton.js';
import { actionsFor, blocked, REASONS, type ReasonCode } from './model.js';
import { Stages } from './stages.js';

/** Moves one barrier by hand: the lane in view, a reason, and a button that is held. */
export function ControlDialog({ gate, onClose }: { gate: string; onClose: () => void }) {
  const w = words.value;
  const [reason, choose] = useState<ReasonCode | null>(null);
  const hint = useId();
  const lane = useComputed(() => site.value.lanes[gate]).value;
  if (lane === undefined) return null;
  const attempt = attempts.value[gate];
  const block = blocked(link.value, who.value, lane, attempt, now.value);
  const disabled = block !== null || reason === null;
  const live = lane.view.live;
  const [first, ...others] = actionsFor(lane);
  const act = (action: NonNullable<typeof first>) => {
    if (reason !== null) void commandGate(lane.view.lane.gate_id, action, reason);
  };
  return (
    <Dialog title={w.t('control.title', { gate: w.gate(gate) })} size="large" onClose={onClose}>
      <div class="control">
        <div class="control-lane">
          <Picture lane={lane} />
          <div class="control-state">
            <p class="headline">
              {w.t(`state.${headline(lane)}`)} <Age at={lane.heardAt} />
            </p>
            {live !== null && <Arm position={live.arm} />}
          </div>
          {live !== null && <Sensors inputs={live.inputs} />}
          <Faults lane={lane} most={3} />
        </div>
        <div class="control-acts">
          <fieldset class="reasons">
            <legend>{w.t('control.reason')}</legend>
            {REASONS.map((code) => (
              <label key={code}>
                <input type="radio" name="reason" checked={reason === code} onChange={() => choose(code)} />
                <span>{w.t(`reason.${code}`)}</span>
              </label>
            ))}
          </fieldset>
          <p class="hint" id={hint} data-blocked={block !== null} role="status">
            {block !== null && <Icon name="alert" />}
            {block !== null
              ? w.t(`block.${block}`)
              : reason === null
                ? w.t('control.choose')
                : `${w.t('control.hold')} (${w.t('control.keys')})`}
          </p>
          {first !== undefined && (
            <HoldButton key={first} disabled={disabled} described={hint} emphasis="primary" onHeld={() => act(first)}>
              {w.t(`action.${first}`)}
            </HoldButton>
          )}
          <div class="control-others">
            {others.map((action) => (
              <HoldButton key={action} disabled={disabled} described={hint} emphasis="plain" onHeld={() => act(action)}>
                {w.t(`action.${action}`)}
              </HoldButton>
            ))}
          </div>
          {attempt !== undefined && <Stages attempt={attempt} />}
        </div>
      </div>
    </Dialog>
  );
}
