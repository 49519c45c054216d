import { useEffect } from 'preact/hooks';
import { ConnectionBand } from '../features/connection/view.js';
import { DemoPanel } from '../features/demo/view.js';
import { Capacity } from '../features/lanes/capacity.js';
import { Lanes } from '../features/lanes/view.js';
import { SignIn } from '../features/signin/view.js';
import { words } from '../i18n/language.js';
import { Notice } from './notice.js';
import { SidePanel } from './sidePanel.js';
import { link, me, site } from './state.js';
import { TopBar } from './topBar.js';
import './app.css';

export function App() {
  const w = words.value;
  const name = site.value.coordinator?.site_name;
  useEffect(() => {
    document.title = name === undefined || name === 'Palang' ? 'Palang' : `${name} · Palang`;
  }, [name]);
  if (me.value === null) return <SignIn />;
  if (me.value === 'unknown') {
    return (
      <main class="splash" aria-busy="true">
        <img src="/mark.svg" alt="" width="72" height="72" />
        <p role="status">{link.value.state === 'offline' ? w.t('signin.unreachable') : w.t('app.loading')}</p>
      </main>
    );
  }
  return (
    <div class="app">
      <a class="skip" href="#lanes">
        {w.t('app.skip')}
      </a>
      <TopBar />
      <ConnectionBand />
      <main class="desk">
        <Lanes />
        <aside class="side">
          <Capacity />
          <SidePanel />
          <DemoPanel />
        </aside>
      </main>
      <Notice />
    </div>
  );
}
