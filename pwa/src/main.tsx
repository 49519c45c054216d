import { render } from 'preact';
import { App } from './app/app.js';
import { start } from './app/operator.js';
import { startLanguage } from './i18n/language.js';
import { startServiceWorker } from './offline/serviceWorker.js';
import { startTheme } from './style/theme.js';
import './style/base.css';

startTheme();
await startLanguage();
const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no #app');
render(<App />, root);
await start();
if (import.meta.env.PROD) await startServiceWorker();
