import type { Log } from '../log.js';

/** Keeps what was logged as `LEVEL text {values}`. */
export function memoryLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (text: string, values?: Readonly<Record<string, unknown>>) => {
    lines.push(`${level} ${text} ${values === undefined ? '' : Object.values(values).map(String).join(' ')}`);
  };
  return { lines, debug: at('DEBUG'), info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
}
