import { Age } from '../../app/age.js';
import { Icon } from '../../app/icons.js';
import { lastHeard, online, site } from '../../app/state.js';
import { words } from '../../i18n/language.js';

/** Places free. While connected the hub pushes each change, so the number is as old as the hub's last word. */
export function Capacity() {
  const w = words.value;
  const known = site.value.capacity;
  if (known === null) {
    return (
      <section class="card capacity" aria-label={w.t('capacity.title')}>
        <p class="empty">{w.t('capacity.unknown')}</p>
      </section>
    );
  }
  const { capacity, occupied, available, over_by } = known.value;
  const share = capacity === 0 ? 1 : Math.min(1, occupied / capacity);
  return (
    <section class="card capacity" aria-label={w.t('capacity.title')}>
      <p>
        <strong>{available}</strong> {w.t('capacity.free')}
        <small>{w.t('capacity.inside', { n: occupied, all: capacity })}</small>
      </p>
      <div class="capacity-bar" aria-hidden="true" data-full={available === 0}>
        <span style={{ width: `${share * 100}%` }} />
      </div>
      {over_by > 0 && (
        <p class="warning">
          <Icon name="alert" />
          {w.count('capacity.over', over_by)}
        </p>
      )}
      {!online.value && <Age at={lastHeard.value} />}
    </section>
  );
}
