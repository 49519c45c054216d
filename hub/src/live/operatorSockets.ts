import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Cancel } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import { WebSocketServer } from 'ws';
import type { Asker } from '../access/authenticate.js';
import { refuseUpgrade } from '../http/refuseUpgrade.js';
import { mayUpgradeFrom } from '../http/security.js';
import type { Commit, LaneStatus } from '../link/ports.js';
import { type AnnouncerOptions, createAnnouncer } from './announcer.js';
import { admit, Operator, type OperatorTools } from './operator.js';

export interface OperatorSocketsOptions extends OperatorTools, AnnouncerOptions {
  readonly corsOrigins: readonly string[];
  readonly maxConnections: number;
}

export interface OperatorSockets {
  /** Takes over an HTTP upgrade request for `/ws`. `asker` is who sends it, proxies considered. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, asker: Asker): Promise<void>;
  announceCommit(commit: Commit): void;
  announceLane(lane: LaneStatus): void;
  /** Tells everybody to come back later (1012) and resolves when all are gone. */
  close(): Promise<void>;
}

const MAX_MESSAGE_BYTES = 65_536;
const PING_EVERY = 15_000;
const LEAVE_WITHIN = 1_000;

/** The WebSocket of operators and integrators on `/ws`. */
export function createOperatorSockets(options: OperatorSocketsOptions): OperatorSockets {
  const { authenticator, requests, clock, random, log } = options;
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  const operators = new Set<Operator>();
  let stopPinging: Cancel | null = null;
  let stopping = false;

  const announcer = createAnnouncer(
    {
      get size() {
        return operators.size;
      },
      broadcast({ needs, message }) {
        const text = JSON.stringify(message);
        for (const operator of operators) if (operator.may(needs)) operator.tell(text);
      },
      sendStatusToAll() {
        for (const operator of operators) operator.refresh();
      },
    },
    options,
  );

  function ping(): void {
    stopPinging = clock.after(PING_EVERY, ping);
    for (const operator of operators) operator.ping();
  }

  return {
    async upgrade(request, socket, head, asker) {
      // Without a listener, a client that goes away during the checks would end the process.
      socket.on('error', (error) => log.debug('an upgrade failed', { error }));
      try {
        if (!mayUpgradeFrom(request.headers, options.corsOrigins)) {
          throw new CodedError('origin_refused', 'This page may not connect');
        }
        const principal = await admit(authenticator, asker);
        // After the last wait, so that what is asked for at the same time is counted too.
        if (stopping) throw new CodedError('not_ready', 'The hub is stopping');
        if (server.clients.size >= options.maxConnections) {
          throw new CodedError('too_many_requests', 'There are too many connections');
        }
        server.handleUpgrade(request, socket, head, (accepted) => {
          const operator = new Operator(accepted, principal, asker, options);
          operators.add(operator);
          accepted.on('close', () => operators.delete(operator));
          stopPinging ??= clock.after(PING_EVERY, ping);
        });
      } catch (error) {
        refuseUpgrade(socket, error, random.hex(8), log);
      }
    },

    announceCommit: (commit) => announcer.commit(commit),
    announceLane: (lane) => announcer.lane(lane),

    async close() {
      stopping = true;
      stopPinging?.();
      announcer.stop();
      requests.stop();
      const gone = [...server.clients].map((client) => new Promise((resolve) => client.once('close', resolve)));
      for (const client of server.clients) client.close(1012, 'the hub restarts');
      const stopWaiting = clock.after(LEAVE_WITHIN, () => {
        for (const client of server.clients) client.terminate();
      });
      await Promise.all(gone);
      stopWaiting();
      server.close();
    },
  };
}
