import type { GateId } from '@palang/contract/ids';
import type { ComponentChild } from 'preact';
import { Icon } from '../../app/icons.js';
import { now, online } from '../../app/state.js';
import { words } from '../../i18n/language.js';
import { freshness } from '../../live/age.js';
import type { LaneRecord } from '../../live/lanes.js';
import { useFrames } from './frames.js';

/** The lane as its camera sees it, with the picture's age always shown: a still picture looks like a live one. */
export function Picture({ lane }: { lane: LaneRecord }) {
  const { gate_id, camera } = lane.view.lane;
  if (camera) return <Frames gate={gate_id} badge={<Unprotected lane={lane} />} />;
  return (
    <div class="picture">
      <div class="picture-view">
        <p class="picture-none">{words.value.t('picture.none')}</p>
      </div>
      <div class="picture-foot">
        <Unprotected lane={lane} />
      </div>
    </div>
  );
}

function Frames({ gate, badge }: { gate: GateId; badge: ComponentChild }) {
  const w = words.value;
  const { newest, failed } = useFrames(gate);
  const age = newest === null ? null : Math.max(0, now.value - newest.takenAt);
  const state = freshness(age);
  return (
    <div class="picture">
      <div class="picture-view">
        {newest === null ? (
          <p class="picture-none">
            <Icon name="camera" size={32} />
            {!online.value ? w.t('picture.stored') : failed ? w.t('picture.offline') : w.t('picture.waiting')}
          </p>
        ) : (
          <img src={newest.url} alt={w.t('picture.of', { gate: w.gate(gate) })} data-freshness={state} />
        )}
      </div>
      <div class="picture-foot">
        {age !== null && (
          <span data-freshness={state}>
            {state === 'old' && <b>{w.t('age.old')} · </b>}
            {w.t('picture.label')} {w.ago(age)}
          </span>
        )}
        {badge}
      </div>
    </div>
  );
}

function Unprotected({ lane }: { lane: LaneRecord }) {
  const w = words.value;
  if (lane.view.lane.protected) return null;
  return (
    <span class="picture-badge" title={w.t('lane.unprotectedhint')}>
      <Icon name="alert" size={16} /> {w.t('lane.unprotected')}
    </span>
  );
}
