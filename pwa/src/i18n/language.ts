import { computed, signal } from '@preact/signals';
import { site } from '../app/state.js';
import { recall, remember } from '../offline/preferences.js';
import type { Dictionary } from './id.js';
import { type Locale, makeWords, type Words } from './words.js';

export const LOCALES: Readonly<Record<Locale, string>> = { id: 'Bahasa Indonesia', en: 'English' };

/** One chunk per language, loaded when it is first spoken. */
const load: Readonly<Record<Locale, () => Promise<Dictionary>>> = {
  id: async () => (await import('./id.js')).id,
  en: async () => (await import('./en.js')).en,
};

const spoken = signal<{ readonly locale: Locale; readonly dictionary: Dictionary } | null>(null);
const timeZone = computed(() => site.value.coordinator?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);

/** The words of the chosen language. Screens are drawn only after `startLanguage` has resolved. */
export const words = computed<Words>(() => {
  if (spoken.value === null) throw new Error('No language is loaded yet');
  return makeWords(spoken.value.locale, spoken.value.dictionary, timeZone.value);
});

export async function startLanguage(): Promise<void> {
  await speak(recall('locale') === 'en' ? 'en' : 'id');
}

/** Switches at once; a language that cannot be loaded (offline, never used before) leaves the present one. */
export async function speak(locale: Locale): Promise<void> {
  const dictionary = await load[locale]();
  spoken.value = { locale, dictionary };
  document.documentElement.lang = locale;
  remember('locale', locale);
}

/** An error's code in words: of errors, of refusals at the lane, or the bare code. */
export function errorText(code: string): string {
  const w = words.value;
  return w.word('error', code) ?? w.word('result', code) ?? w.t('error.other', { code });
}
