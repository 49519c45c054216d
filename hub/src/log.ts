import type { Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';

export const levels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type Level = (typeof levels)[number];

/** One readable line each: what happened, then the values that explain it as `key=value`. */
export interface Log {
  debug(text: string, values?: Values): void;
  info(text: string, values?: Values): void;
  warn(text: string, values?: Values): void;
  error(text: string, values?: Values): void;
}
export type Values = Readonly<Record<string, unknown>>;

export interface LogOptions {
  readonly level: Level;
  readonly clock: Clock;
  readonly write: (line: string) => void;
  /** ISO 8601 of an epoch ms; formatting time belongs to an adapter. */
  readonly formatTime: (wall: number) => string;
}

export function createLog({ level, clock, write, formatTime }: LogOptions): Log {
  const least = levels.indexOf(level);
  const at =
    (own: Level) =>
    (text: string, values: Values = {}) => {
      if (levels.indexOf(own) < least) return;
      const pairs = Object.entries(values).map(([key, value]) => ` ${key}=${shown(value)}`);
      write(mask(`${formatTime(clock.wall())} ${own.padEnd(5)} ${text}${pairs.join('')}`));
    };
  return { debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
}

function shown(value: unknown): string {
  if (value instanceof CodedError) return `${value.code}: ${value.message} ${JSON.stringify(value.detail)}`;
  if (value instanceof Error) return oneLine(value.stack ?? value.message);
  if (typeof value === 'string') return /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? 'undefined';
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' | ');
}

/** Cards, payment card numbers and keys never reach a log whole, wherever in a line they stand. */
export function mask(line: string): string {
  return line
    .replaceAll(/\b(w26|w34):\d*?(\d{1,4})\b/g, '$1:****$2')
    .replaceAll(/\b\d{11,15}(\d{4})\b/g, '****$1')
    .replaceAll(/\bpk_[\w-]{6,}/g, 'pk_****');
}
