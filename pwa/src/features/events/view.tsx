import { useState } from 'preact/hooks';
import { Icon } from '../../app/icons.js';
import { site } from '../../app/state.js';
import { words } from '../../i18n/language.js';
import { sentence } from './model.js';
import './events.css';

export function Events() {
  const w = words.value;
  const [technical, showTechnical] = useState(false);
  const told = site.value.events
    .map((event) => ({ event, said: sentence(event, w) }))
    .filter(({ said }) => technical || !said.technical);
  return (
    <>
      {told.length === 0 && <p class="empty">{w.t('events.empty')}</p>}
      <ol class="events" aria-live="polite">
        {told.map(({ event, said }) => (
          <li key={event.id} data-tone={said.tone}>
            <time>{w.time(event.at)}</time>
            <p>
              {said.tone === 'abnormal' && <Icon name="alert" size={16} />}
              {said.text}
            </p>
            {event.gate_id !== null && <small>{w.gate(event.gate_id)}</small>}
          </li>
        ))}
      </ol>
      <label class="switch">
        <input type="checkbox" checked={technical} onChange={() => showTechnical(!technical)} />
        {w.t('events.technical')}
      </label>
    </>
  );
}
