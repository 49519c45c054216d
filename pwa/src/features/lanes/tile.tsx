import type { LaneSnapshot } from '@palang/contract/link/live';
import { formatPlate } from '@palang/contract/plate';
import { useComputed } from '@preact/signals';
import { useState } from 'preact/hooks';
import { Age } from '../../app/age.js';
import { Icon } from '../../app/icons.js';
import { hubNow, link, now, site, who } from '../../app/state.js';
import { words } from '../../i18n/language.js';
import { ageAt, freshness } from '../../live/age.js';
import type { LaneRecord } from '../../live/lanes.js';
import { ControlDialog } from '../gate/control.js';
import { blocked } from '../gate/model.js';
import { AttemptLine } from '../gate/stages.js';
import { Arm } from './arm.js';
import { Faults } from './faults.js';
import { boardHeardAt, headline, isAbnormal, resultWord } from './model.js';
import { Picture } from './picture.js';
import { Sensors } from './sensors.js';

/** One lane: its state in a word, its picture, what it last did, its sensors, and the way to its barrier. */
export function Tile({ gate }: { gate: string }) {
  const w = words.value;
  const lane = useComputed(() => site.value.lanes[gate]).value;
  const [controlling, control] = useState(false);
  if (lane === undefined) return null;
  const live = lane.view.live;
  // An act under way is followed in the dialog, which therefore stays within reach.
  const block = blocked(link.value, who.value, lane, undefined, now.value);
  const old = freshness(ageAt(lane.heardAt, now.value)) === 'old';
  return (
    <article class="card tile" aria-label={w.gate(gate)} data-old={old}>
      <Headline lane={lane} gate={gate} />
      <Faults lane={lane} most={2} />
      <Picture lane={lane} />
      <div class="tile-values">
        {live !== null && <LastSeen live={live} />}
        {live !== null && <Sensors inputs={live.inputs} />}
        <Devices lane={lane} />
      </div>
      <AttemptLine gate={gate} />
      <button type="button" class="gate-button" disabled={block !== null} onClick={() => control(true)}>
        {w.t('lane.control')}
        {block !== null && <small>{w.t(`block.${block}`)}</small>}
      </button>
      {controlling && <ControlDialog gate={gate} onClose={() => control(false)} />}
    </article>
  );
}

function Headline({ lane, gate }: { lane: LaneRecord; gate: string }) {
  const w = words.value;
  const word = headline(lane);
  const odd = isAbnormal(word);
  return (
    <header class="tile-head">
      <div>
        <h2>{w.gate(gate)}</h2>
        <p class="headline" data-odd={odd}>
          {odd && <Icon name={word === 'offline' ? 'unlink' : 'alert'} size={24} />}
          {w.t(`state.${word}`)}
        </p>
        <Age at={lane.heardAt} />
      </div>
      {lane.view.live !== null && <Arm position={lane.view.live.arm} />}
    </header>
  );
}

function LastSeen({ live }: { live: LaneSnapshot }) {
  const w = words.value;
  const { last, awaiting } = live;
  return (
    <div class="last">
      <div>
        <small>
          {w.t('lane.last')}
          {last !== null && ` · ${w.ago(hubNow.value - last.at)}`}
        </small>
        {last === null ? (
          <span>{w.t('lane.lastnone')}</span>
        ) : (
          <>
            {(last.plate !== null || last.card !== null) && (
              <b class="plate">{last.plate === null ? w.t('sessions.noplate') : formatPlate(last.plate)}</b>
            )}
            <span>{[last.card, resultWord(last.result, w)].filter((part) => part !== null).join(' · ')}</span>
          </>
        )}
      </div>
      {awaiting !== null && (
        <div class="due">
          <small>
            {w.t('lane.due')}
            {awaiting.method !== null && ` · ${w.t(`method.${awaiting.method}`)}`}
          </small>
          <b class="amount">{w.money(awaiting.amount)}</b>
        </div>
      )}
    </div>
  );
}

/** Board and gateway, quiet while connected. */
function Devices({ lane }: { lane: LaneRecord }) {
  const w = words.value;
  const { status, controller_status: board, live } = lane.view;
  const backlog = live?.backlog ?? 0;
  return (
    <ul class="devices">
      <li data-odd={board !== 'connected'}>
        {w.t('lane.board')} {w.t(`device.${board}`)} <Age at={boardHeardAt(lane)} />
      </li>
      <li data-odd={status !== 'online'}>
        {w.t('lane.gateway')} {w.t(`device.${status}`)}
      </li>
      {backlog > 0 && <li data-odd={true}>{w.count('lane.backlog', backlog)}</li>}
    </ul>
  );
}
