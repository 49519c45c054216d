import { Icon } from '../../app/icons.js';
import { words } from '../../i18n/language.js';
import type { LaneRecord } from '../../live/lanes.js';
import { faultsOf } from './model.js';

/** Faults in words, each with what to do; beyond `most` only their number. */
export function Faults({ lane, most }: { lane: LaneRecord; most: number }) {
  const w = words.value;
  const faults = faultsOf(lane);
  const hidden = faults.length - most;
  return (
    <div role="alert" class="faults">
      {faults.slice(0, most).map(({ code, critical }) => (
        <p key={code} data-critical={critical}>
          <Icon name="alert" />
          <span>
            <b>{w.t(`fault.${code}`)}.</b> {w.t(`do.${code}`)}
          </span>
        </p>
      ))}
      {hidden > 0 && <small>{w.count('lane.morefaults', hidden)}</small>}
    </div>
  );
}
