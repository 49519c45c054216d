import { useState } from 'preact/hooks';
import { ConnectionSign } from '../features/connection/view.js';
import { SettingsDialog } from '../features/settings/view.js';
import { words } from '../i18n/language.js';
import { Icon } from './icons.js';
import { hubNow, site, who } from './state.js';

export function TopBar() {
  const w = words.value;
  const [settings, showSettings] = useState(false);
  const coordinator = site.value.coordinator;
  const user = who.value;
  return (
    <header class="top">
      <img src="/mark.svg" alt="" width="32" height="32" />
      <h1>{coordinator?.site_name ?? 'Palang'}</h1>
      {coordinator?.simulation === true && <span class="tag">{w.t('demo.title')}</span>}
      <span class="top-gap" />
      {coordinator !== null && coordinator.attention > 0 && (
        <span class="warning">
          <Icon name="alert" />
          {w.count('hub.attention', coordinator.attention)}
        </span>
      )}
      <ConnectionSign />
      <time class="clock">{w.time(hubNow.value)}</time>
      {user !== null && (
        <span class="user">
          <b>{user.name}</b>
          {user.role !== null && <small>{w.word('role', user.role)}</small>}
        </span>
      )}
      <button type="button" class="plain square" aria-label={w.t('settings.title')} onClick={() => showSettings(true)}>
        <Icon name="gear" size={24} />
      </button>
      {settings && <SettingsDialog onClose={() => showSettings(false)} />}
    </header>
  );
}
