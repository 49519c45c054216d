import type { GateId } from '@palang/contract/ids';
import { Icon } from '../../app/icons.js';
import { now, online } from '../../app/state.js';
import { words } from '../../i18n/language.js';
import { freshness } from '../../live/age.js';
import type { LaneRecord } from '../../live/site.js';
import { useFrames } from './frames.js';

/** The lane as its camera sees it, with the picture's age always shown: a still picture looks like a live one. */
export function Picture({ lane }: { lane: LaneRecord }) {
  const w = words.value;
  const { gate_id, camera, protected: guarded } = lane.view.lane;
  return (
    <div class="picture">
      {camera ? <Frame gate={gate_id} /> : <p class="picture-none">{w.t('picture.none')}</p>}
      {!guarded && (
        <span class="picture-badge" title={w.t('lane.unprotectedhint')}>
          <Icon name="alert" size={16} /> {w.t('lane.unprotected')}
        </span>
      )}
    </div>
  );
}

function Frame({ gate }: { gate: GateId }) {
  const w = words.value;
  const { newest, failed } = useFrames(gate);
  if (newest === null) {
    return (
      <p class="picture-none">
        <Icon name="camera" size={32} />
        {!online.value ? w.t('picture.stored') : failed ? w.t('picture.offline') : w.t('picture.waiting')}
      </p>
    );
  }
  const age = Math.max(0, now.value - newest.takenAt);
  const state = freshness(age);
  return (
    <>
      <img src={newest.url} alt={w.t('picture.of', { gate: w.gate(gate) })} data-freshness={state} />
      <span class="picture-age" data-freshness={state}>
        {state === 'old' && <b>{w.t('age.old')} </b>}
        {w.t('picture.label')} {w.ago(age)}
      </span>
    </>
  );
}
