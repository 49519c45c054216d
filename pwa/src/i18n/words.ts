import type { Dictionary, Key } from './id.js';

export type Locale = 'id' | 'en';
export type Parameters = Readonly<Record<string, string | number>>;

/** Everything a screen needs to speak one language about one site. Pure: the same words for the same input. */
export interface Words {
  readonly locale: Locale;
  t(key: Key, parameters?: Parameters): string;
  /** As `t`, in the form that the language uses for `n` things; `{n}` is filled in. */
  count(key: Key, n: number): string;
  /** The word for a code, `${prefix}.${code}`; null when the dictionary has none. */
  word(prefix: string, code: string): string | null;
  /** A lane's name: that of the dictionary, or its id made readable. */
  gate(id: string): string;
  money(rupiah: number): string;
  /** Hours and minutes in the site's time zone. */
  time(epoch: number): string;
  timeWithSeconds(epoch: number): string;
  /** A span in its largest unit, `12 dtk`. */
  span(ms: number): string;
  ago(ms: number): string;
  /** How long a stay is, `2 j 05 m`. */
  duration(ms: number): string;
}

/** The English of this region, so that money reads `Rp 5.000` in both languages. */
const MONEY_LOCALE = { id: 'id-ID', en: 'en-ID' } as const;
const TIME_LOCALE = { id: 'id-ID', en: 'en-GB' } as const;

export function makeWords(locale: Locale, dictionary: Dictionary, timeZone: string): Words {
  const all: Readonly<Record<string, string | undefined>> = dictionary;
  const plural = new Intl.PluralRules(locale);
  const money = new Intl.NumberFormat(MONEY_LOCALE[locale], {
    style: 'currency',
    currency: 'IDR',
    maximumFractionDigits: 0,
  });
  const clock = { hour: '2-digit', minute: '2-digit', timeZone } as const;
  const time = new Intl.DateTimeFormat(TIME_LOCALE[locale], clock);
  const seconds = new Intl.DateTimeFormat(TIME_LOCALE[locale], { ...clock, second: '2-digit' });
  const t: Words['t'] = (key, parameters) => fill(dictionary[key], parameters);
  const span: Words['span'] = (ms) => {
    const s = Math.floor(Math.max(0, ms) / 1000);
    if (s < 60) return t('unit.s', { n: s });
    if (s < 3_600) return t('unit.min', { n: Math.floor(s / 60) });
    return s < 172_800 ? t('unit.h', { n: Math.floor(s / 3_600) }) : t('unit.d', { n: Math.floor(s / 86_400) });
  };
  return {
    locale,
    t,
    count: (key, n) => fill((plural.select(n) === 'one' ? all[`${key}.one`] : undefined) ?? dictionary[key], { n }),
    word: (prefix, code) => all[`${prefix}.${code}`] ?? null,
    gate: (gate) => all[`gate.${gate}`] ?? readable(gate),
    money: (rupiah) => money.format(rupiah),
    time: (epoch) => time.format(epoch),
    timeWithSeconds: (epoch) => seconds.format(epoch),
    span,
    ago: (ms) => (ms < 1_000 ? t('age.now') : t('age.ago', { age: span(ms) })),
    duration: (ms) => {
      const minutes = Math.floor(Math.max(0, ms) / 60_000);
      if (minutes < 60) return t('unit.min', { n: minutes });
      return t('unit.hm', { h: Math.floor(minutes / 60), m: String(minutes % 60).padStart(2, '0') });
    },
  };
}

function fill(text: string, parameters: Parameters = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole));
}

/** `gate_south_2` as `Gate south 2`. */
function readable(gate: string): string {
  const text = gate.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
