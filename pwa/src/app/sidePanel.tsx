import { useRef, useState } from 'preact/hooks';
import { Events } from '../features/events/view.js';
import { Sessions } from '../features/sessions/view.js';
import { words } from '../i18n/language.js';
import { openSessions } from '../live/sessions.js';
import { site } from './state.js';

const TABS = ['sessions', 'events'] as const;

/** Who is inside, and what happened: two tabs, moved between with the arrow keys. */
export function SidePanel() {
  const w = words.value;
  const [tab, choose] = useState<(typeof TABS)[number]>('sessions');
  const list = useRef<HTMLDivElement>(null);
  const inside = openSessions(site.value.sessions).length;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const other = tab === 'sessions' ? 'events' : 'sessions';
    choose(other);
    list.current?.querySelector<HTMLElement>(`#tab-${other}`)?.focus();
  };
  return (
    <section class="card panel">
      <div role="tablist" class="tabs" ref={list} onKeyDown={onKeyDown}>
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={tab === name}
            aria-controls="panel"
            tabIndex={tab === name ? 0 : -1}
            onClick={() => choose(name)}
          >
            {w.t(`${name}.title`)} {name === 'sessions' && <span class="count">{inside}</span>}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the panel scrolls, and what scrolls must be reachable by keyboard */}
      <div role="tabpanel" id="panel" tabIndex={0} aria-labelledby={`tab-${tab}`} class="tab-body">
        {tab === 'sessions' ? <Sessions /> : <Events />}
      </div>
    </section>
  );
}
