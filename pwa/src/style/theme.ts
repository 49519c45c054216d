import { signal } from '@preact/signals';
import { recall, remember } from '../offline/preferences.js';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const theme = signal<Theme>('system');
const dark = matchMedia('(prefers-color-scheme: dark)');

export function startTheme(): void {
  const kept = THEMES.find((name) => name === recall('theme'));
  if (kept !== undefined) theme.value = kept;
  dark.addEventListener('change', show);
  show();
}

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  remember('theme', chosen);
  show();
}

/** The style sheet knows two themes; which of them `system` means is decided here. */
function show(): void {
  const isDark = theme.value === 'dark' || (theme.value === 'system' && dark.matches);
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
}
