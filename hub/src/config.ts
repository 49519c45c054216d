import { join } from 'node:path';
import { CodedError } from '@palang/contract/errors';
import { GateId } from '@palang/contract/ids';
import * as z from 'zod';
import { levels } from './log.js';

const Flag = z
  .enum(['true', 'false', '1', '0', ''])
  .transform((text) => text === 'true' || text === '1')
  .default(false);
const Count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

const SiteControlUrls = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('must be JSON such as {"gate_in":"http://127.0.0.1:9001"}');
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/), z.url({ protocol: /^http$/ })))
  .default({});

const Origins = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .transform((origins) => origins.filter((origin) => origin !== ''))
  .pipe(z.array(z.url({ error: 'must be origins such as https://office.example, separated by commas' })))
  .default([]);

const Schema = z.object({
  /** 0 takes a free port. */
  PORT: Count(0, 65_535).default(8_000),
  HOST: z.string().min(1).default('0.0.0.0'),
  DATA_DIR: z.string().min(1).default('.data/hub'),
  /** `mysql://user:password@host/database` or `sqlite:///path`; a SQLite file in DATA_DIR without it. */
  DATABASE_URL: z.string().min(1).optional(),
  LOG_DIR: z.string().min(1).default('logs'),
  LOG_LEVEL: z
    .string()
    .transform((text) => text.toUpperCase())
    .pipe(z.enum(levels))
    .default('INFO'),
  SIMULATION_MODE: Flag,
  /** Simulation only: lane to the control address of its site process. */
  SITE_CONTROL_URLS: SiteControlUrls,
  /** Makes the user `admin` at the first start, when there is no user yet. */
  BOOTSTRAP_ADMIN_PASSWORD: z.string().min(10, 'must have at least 10 characters').optional(),
  /** An API key with every permission. It follows this variable: without it the key is revoked. */
  BOOTSTRAP_API_KEY: z
    .string()
    .regex(/^pk_[A-Za-z0-9_-]{20,128}$/, 'must be pk_ and 20 to 128 letters, digits, - or _')
    .optional(),
  CORS_ORIGINS: Origins,
  /** Behind a reverse proxy that sets X-Forwarded-For and X-Forwarded-Proto. */
  TRUST_PROXY: Flag,
  MAX_CONNECTIONS: Count(1, 10_000).default(100),
  REQUEST_TIMEOUT: Count(1, 120).default(10),
});

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly logDir: string;
  readonly logLevel: (typeof levels)[number];
  readonly simulation: boolean;
  readonly siteControlUrls: ReadonlyMap<GateId, string>;
  readonly bootstrapAdminPassword: string | null;
  readonly bootstrapApiKey: string | null;
  readonly corsOrigins: readonly string[];
  readonly trustProxy: boolean;
  /** Operator sockets at a time. */
  readonly maxConnections: number;
  /** ms */
  readonly requestTimeout: number;
}

const secrets = ['DATABASE_URL', 'BOOTSTRAP_ADMIN_PASSWORD', 'BOOTSTRAP_API_KEY'] as const;

/**
 * Reads the configuration from environment variables; a secret may also stand in a file named by `<NAME>_FILE`.
 * @throws CodedError `bad_configuration` that names every wrong variable, not only the first.
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  readSecret: (path: string) => string,
): Config {
  const problems: string[] = [];
  // A variable that is set to nothing means the same as one that is not set: compose files do that.
  const given: Record<string, string | undefined> = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  for (const name of secrets) {
    const path = given[`${name}_FILE`];
    if (path === undefined) continue;
    if (given[name] !== undefined) problems.push(`${name}: also given as ${name}_FILE; use one`);
    try {
      given[name] = readSecret(path);
    } catch (error) {
      problems.push(`${name}_FILE: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const parsed = Schema.safeParse(given);
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  if (!parsed.success || problems.length > 0) {
    throw new CodedError('bad_configuration', `Configuration is wrong:\n  ${problems.join('\n  ')}`, { problems });
  }
  const env = parsed.data;
  return {
    port: env.PORT,
    host: env.HOST,
    dataDir: env.DATA_DIR,
    databaseUrl: env.DATABASE_URL ?? join(env.DATA_DIR, 'hub.sqlite'),
    logDir: env.LOG_DIR,
    logLevel: env.LOG_LEVEL,
    simulation: env.SIMULATION_MODE,
    siteControlUrls: new Map(
      Object.entries(env.SITE_CONTROL_URLS).map(([gate, url]) => [GateId.parse(gate), url.replace(/\/$/, '')]),
    ),
    bootstrapAdminPassword: env.BOOTSTRAP_ADMIN_PASSWORD ?? null,
    bootstrapApiKey: env.BOOTSTRAP_API_KEY ?? null,
    corsOrigins: env.CORS_ORIGINS.map((origin) => new URL(origin).origin),
    trustProxy: env.TRUST_PROXY,
    maxConnections: env.MAX_CONNECTIONS,
    requestTimeout: env.REQUEST_TIMEOUT * 1_000,
  };
}
