import { LOCALES, speak, words } from '../../i18n/language.js';
import type { Locale } from '../../i18n/words.js';
import { chooseTheme, THEMES, theme } from '../../style/theme.js';

export function LanguageChoice() {
  const w = words.value;
  return (
    <fieldset class="choice">
      <legend>{w.t('settings.language')}</legend>
      {(Object.keys(LOCALES) as Locale[]).map((locale) => (
        <label key={locale}>
          <input type="radio" name="locale" checked={w.locale === locale} onChange={() => void speak(locale)} />
          <span lang={locale}>{LOCALES[locale]}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function ThemeChoice() {
  const w = words.value;
  return (
    <fieldset class="choice">
      <legend>{w.t('settings.theme')}</legend>
      {THEMES.map((name) => (
        <label key={name}>
          <input type="radio" name="theme" checked={theme.value === name} onChange={() => chooseTheme(name)} />
          <span>{w.t(`theme.${name}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}
