/** Levels in order of weight. */
export const levels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type Level = (typeof levels)[number];

export type LogDetail = Record<string, unknown>;

/** One readable line per event. A component has its own name in front of what it says. */
export interface Log {
  debug(message: string, detail?: LogDetail): void;
  info(message: string, detail?: LogDetail): void;
  warn(message: string, detail?: LogDetail): void;
  error(message: string, detail?: LogDetail): void;
  /** The same log under another component's name. */
  named(component: string): Log;
}

export interface LogOutput {
  /** The least level that is written. */
  readonly level: Level;
  readonly component: string;
  /** The time as it is written, ISO 8601. */
  time(): string;
  write(line: string): void;
}

/** What a reader reads (`w26:1234567`): only the last digits may be seen in a log. */
const CREDENTIAL = /\b(w26|w34):[0-9]{1,10}/g;
const SECRET = /token|password|secret|signature|^key$|private/i;

export function createLog(output: LogOutput): Log {
  const write = (level: Level, message: string, detail?: LogDetail): void => {
    if (levels.indexOf(level) < levels.indexOf(output.level)) return;
    const line = `${output.time()} ${level.padEnd(5)} ${output.component}: ${message}${detail === undefined ? '' : said(detail)}`;
    output.write(`${line.replace(CREDENTIAL, mask)}\n`);
  };
  return {
    debug: (message, detail) => write('DEBUG', message, detail),
    info: (message, detail) => write('INFO', message, detail),
    warn: (message, detail) => write('WARN', message, detail),
    error: (message, detail) => write('ERROR', message, detail),
    named: (component) => createLog({ ...output, component }),
  };
}

function said(detail: LogDetail): string {
  return Object.entries(detail)
    .map(([name, value]) => ` ${name}=${SECRET.test(name) ? '****' : worded(value)}`)
    .join('');
}

function worded(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(`${value.name}: ${value.message}`);
  // Lines stay lines: JSON escapes whatever a device or a peer put into a text.
  return typeof value === 'string' && /^[\w.:/@-]+$/.test(value) ? value : (JSON.stringify(value) ?? 'undefined');
}

function mask(credential: string): string {
  const [type, number = ''] = credential.split(':', 2);
  return `${type}:****${number.slice(-4)}`;
}
