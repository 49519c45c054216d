import type { SessionView } from '@palang/contract/api/shapes';
import { formatPlate } from '@palang/contract/plate';
import { useState } from 'preact/hooks';
import { Age } from '../../app/age.js';
import { Icon } from '../../app/icons.js';
import { hubNow, site } from '../../app/state.js';
import { words } from '../../i18n/language.js';
import { openSessions } from '../../live/sessions.js';
import { SessionDialog } from './details.js';
import { entryPhoto, flagsOf, search, stayed } from './model.js';
import { Thumbnail } from './photo.js';
import './sessions.css';

export function Sessions() {
  const w = words.value;
  const [text, setText] = useState('');
  const [opened, open] = useState<string | null>(null);
  const { sessions } = site.value;
  const all = openSessions(sessions);
  const found = search(all, text);
  const chosen = opened === null ? undefined : sessions.byId[opened]?.view;
  return (
    <>
      <label class="search">
        <Icon name="search" />
        <input
          type="search"
          value={text}
          placeholder={w.t('sessions.search')}
          aria-label={w.t('sessions.search')}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      {sessions.at !== null && <Age at={sessions.at + 60_000} />}
      {found.length === 0 && (
        <p class="empty">{all.length === 0 ? w.t('sessions.empty') : w.t('sessions.nomatch', { text })}</p>
      )}
      <ul class="sessions">
        {found.map((session) => (
          <Row key={session.id} session={session} onOpen={() => open(session.id)} />
        ))}
      </ul>
      {chosen !== undefined && <SessionDialog session={chosen} onClose={() => open(null)} />}
    </>
  );
}

function Row({ session, onOpen }: { session: SessionView; onOpen: () => void }) {
  const w = words.value;
  const duration = stayed(session, hubNow.value);
  const flags = flagsOf(session);
  return (
    <li>
      <button type="button" class="session" onClick={onOpen}>
        <Thumbnail digest={entryPhoto(session)} />
        <span class="session-who">
          <b class="plate">
            {session.license_plate === null ? w.t('sessions.noplate') : formatPlate(session.license_plate)}
          </b>
          <small>
            {[
              session.status === 'parked' ? null : w.t(`status.${session.status}`),
              session.card_id,
              session.right === null || session.right === 'casual' ? null : w.t(`right.${session.right}`),
            ]
              .filter((part) => part !== null)
              .join(' · ')}
          </small>
        </span>
        <span class="session-fee">
          <b>{session.fee === null ? w.t('sessions.nofee') : w.money(session.fee.amount)}</b>
          <small>{duration === null ? w.t('common.unknown') : w.duration(duration)}</small>
        </span>
        {flags.length > 0 && (
          <span class="session-flags">
            <Icon name="alert" size={16} />
            {flags.map((flag) => w.word('flag', flag) ?? flag).join(' · ')}
          </span>
        )}
      </button>
    </li>
  );
}
