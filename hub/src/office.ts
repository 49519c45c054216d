import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock, Random } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { Database } from '@palang/db/database';
import { createApiKeys } from './access/apiKeys.js';
import { type AttemptLimits, createAttempts } from './access/attempts.js';
import { type Asker, createAuthenticator } from './access/authenticate.js';
import { createSetup } from './access/setup.js';
import { createUsers } from './access/users.js';
import { createWebSessions } from './access/webSessions.js';
import { createAudit } from './audit/audit.js';
import type { Config } from './config.js';
import { createGates } from './gates/gates.js';
import { createApp } from './http/app.js';
import { refuseUpgrade } from './http/refuseUpgrade.js';
import { listen, watchTraffic } from './http/traffic.js';
import type { Commit, Ledger, LinkServer, Pairing, Photos, Reference, Replica } from './link/ports.js';
import { createOperatorSockets } from './live/operatorSockets.js';
import { createRequests } from './live/requests.js';
import { createStatus } from './live/systemStatus.js';
import type { Log } from './log.js';
import { accessRoutes } from './routes/accessRoutes.js';
import { bookRoutes } from './routes/bookRoutes.js';
import { gateRoutes } from './routes/gateRoutes.js';
import { createSessionPresenter } from './sessions/present.js';
import { createSimulation } from './simulation/simulation.js';
import type { SiteControl } from './simulation/siteControl.js';

/** The side of the hub that faces the gateways. */
export interface Back {
  readonly db: Database;
  readonly link: LinkServer;
  readonly ledger: Ledger;
  readonly reference: Reference;
  readonly replica: Replica;
  readonly photos: Photos;
  readonly pairing: Pairing;
}

export interface OfficeOptions {
  readonly config: Config;
  readonly back: Back;
  readonly site: SiteControl;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly version: string;
  readonly pwaFolder: string;
  readonly attemptLimits?: AttemptLimits;
}

/** The side of the hub that faces people and programs: HTTP, the operator WebSocket, and the door for `/link`. */
export interface Office {
  /** Listens; resolves with the port. @throws CodedError `port_busy`, `cannot_listen`. */
  start(): Promise<number>;
  /** What ingest reports after each commit. */
  announceCommit(commit: Commit): void;
  /** Answers `/readyz` with 503, lets requests that are under way finish (10 s at most), sends operators away. */
  stop(): Promise<void>;
}

const DRAIN_WITHIN = 10_000;
/** A gateway whose network is gone does not answer a close; it is not waited for. */
const GOODBYE_WITHIN = 2_000;
const TIMEOUTS_CHECKED_EVERY = 1_000;

export function createOffice(options: OfficeOptions): Office {
  const { config, back, clock, random, log } = options;
  const { db, link, ledger, reference, replica, photos, pairing } = back;
  let draining = false;

  const users = createUsers(db, clock);
  const webSessions = createWebSessions(db, users, clock, random);
  const apiKeys = createApiKeys(db, replica, clock, random);
  const setup = createSetup(users, random);
  const attempts = createAttempts(options.attemptLimits);
  const authenticator = createAuthenticator(webSessions, apiKeys, attempts);
  const audit = createAudit(db, clock, log);
  const { directory } = link;
  const simulation = config.simulation
    ? createSimulation({ site: options.site, reference, replica, directory, clock, log })
    : null;
  const gates = createGates({ link, ledger, reference, audit, clock, simulation });
  const presentSessions = createSessionPresenter(reference, clock, random.hex(8));
  const readStatus = createStatus({
    directory,
    ledger,
    reference,
    clock,
    simulation: config.simulation,
    version: options.version,
    draining: () => draining,
  });

  async function unreadiness(): Promise<string[]> {
    const reasons = draining ? ['draining'] : [];
    try {
      await db.query('SELECT name FROM migrations LIMIT 1');
    } catch (error) {
      log.error('the database does not answer', { error });
      reasons.push('database');
    }
    return reasons;
  }

  const app = createApp({
    handlers: {
      ...accessRoutes({ users, webSessions, apiKeys, setup, attempts, audit }),
      ...gateRoutes({ gates, pairing, attempts, audit, directory, simulation }),
      ...bookRoutes({ link, ledger, photos, clock, readStatus, presentSessions, unreadiness }),
    },
    authenticator,
    clock,
    random,
    log,
    timeout: config.requestTimeout,
    simulation: config.simulation,
    corsOrigins: config.corsOrigins,
    trustProxy: config.trustProxy,
    pwaFolder: options.pwaFolder,
  });
  const operators = createOperatorSockets({
    authenticator,
    requests: createRequests({ gates, link, readStatus, clock }),
    readStatus,
    presentSessions,
    ledger,
    clock,
    random,
    log,
    corsOrigins: config.corsOrigins,
    maxConnections: config.maxConnections,
  });
  // A client that sends its request in drops, or not at all, holds a connection for so long and no longer.
  const timeouts = { requestTimeout: config.requestTimeout, headersTimeout: config.requestTimeout };
  const server = createServer({ ...timeouts, connectionsCheckingInterval: TIMEOUTS_CHECKED_EVERY }, app.callback());
  const traffic = watchTraffic(server);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path === '/link') link.upgrade(request, socket, head);
    else if (path === '/ws') void operators.upgrade(request, socket, head, askerOf(app, request));
    else refuseUpgrade(socket, new CodedError('not_found', 'There is no WebSocket here'), random.hex(8), log);
  });
  const stopAnnouncing = directory.onChange((lane) => operators.announceLane(lane));

  return {
    async start() {
      await apiKeys.start(config.bootstrapApiKey);
      const code = await setup.start(config.bootstrapAdminPassword);
      if (code !== null) log.info('no administrator yet: open the page and enter this set-up code', { code });
      const { brokenAt, head } = await audit.verify();
      if (brokenAt === null) log.info('the audit log verifies', { rows: head.seq, head: head.hash });
      else log.error('the audit log was changed', { first_wrong_row: brokenAt });
      return listen(server, config.port, config.host);
    },

    announceCommit: (commit) => operators.announceCommit(commit),

    async stop() {
      draining = true;
      stopAnnouncing();
      const closed = new Promise((resolve) => server.close(resolve));
      const stopWaiting = clock.after(DRAIN_WITHIN, () => traffic.cut());
      await operators.close();
      // Commands of requests that are under way still need the link.
      await traffic.requestsDone();
      stopWaiting();
      const stopSayingGoodbye = clock.after(GOODBYE_WITHIN, () => traffic.cut());
      await link.close();
      server.closeAllConnections();
      await closed;
      stopSayingGoodbye();
    },
  };
}

/** Who sends an upgrade, by the same rules about proxies as for requests. */
function askerOf(app: ReturnType<typeof createApp>, request: IncomingMessage): Asker {
  const forwarded = (name: string) => {
    const value = app.proxy ? request.headers[name] : undefined;
    return typeof value === 'string' ? value.split(',').map((part) => part.trim()) : [];
  };
  return {
    headers: request.headers,
    secure: forwarded('x-forwarded-proto')[0] === 'https',
    ip: forwarded('x-forwarded-for').at(-1) ?? request.socket.remoteAddress ?? '',
  };
}
