import { Dialog } from '../../app/dialog.js';
import { signOut } from '../../app/operator.js';
import { discarded, site, who } from '../../app/state.js';
import { words } from '../../i18n/language.js';
import { offlineReadiness } from '../../offline/serviceWorker.js';
import { LanguageChoice, ThemeChoice } from './choices.js';
import { install, installPrompt } from './install.js';
import './settings.css';

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const w = words.value;
  const coordinator = site.value.coordinator;
  return (
    <Dialog title={w.t('settings.title')} size="small" onClose={onClose}>
      <LanguageChoice />
      <ThemeChoice />
      <section class="setting">
        <h3>{w.t('settings.offline')}</h3>
        <p>{w.t(`offline.${offlineReadiness.value}`)}</p>
        {installPrompt.value !== null && (
          <button type="button" onClick={() => void install()}>
            {w.t('settings.install')}
          </button>
        )}
      </section>
      <section class="setting">
        <h3>{w.t('settings.about')}</h3>
        {coordinator !== null && <p>{w.t('settings.version', { version: coordinator.version })}</p>}
        {discarded.value > 0 && <p>{w.t('settings.discarded', { n: discarded.value })}</p>}
        {who.value !== null && <p>{w.t('settings.signedin', { name: who.value.name })}</p>}
      </section>
      <button type="button" class="wide" onClick={() => void signOut()}>
        {w.t('user.signout')}
      </button>
    </Dialog>
  );
}
