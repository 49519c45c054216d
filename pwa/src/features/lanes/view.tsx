import { site } from '../../app/state.js';
import { words } from '../../i18n/language.js';
import { Tile } from './tile.js';
import './lanes.css';

/** All lanes of the site on one screen, entries before exits. */
export function Lanes() {
  const w = words.value;
  const lanes = Object.entries(site.value.lanes).sort(
    ([a, one], [b, other]) => order(one.view.lane.direction) - order(other.view.lane.direction) || a.localeCompare(b),
  );
  return (
    <section id="lanes" class="lanes" aria-label={w.t('lanes.title')} tabIndex={-1}>
      {lanes.length === 0 && (
        <div class="card lanes-empty">
          <h2>{w.t('lanes.empty')}</h2>
          <p>{w.t('lanes.emptyhint')}</p>
        </div>
      )}
      {lanes.map(([gate]) => (
        <Tile key={gate} gate={gate} />
      ))}
    </section>
  );
}

function order(direction: 'in' | 'out' | 'reversible'): number {
  return direction === 'in' ? 0 : direction === 'reversible' ? 1 : 2;
}
