import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Cancel, Clock, Random } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import { parseMessage } from '@palang/contract/link/envelope';
import { ClientMessage, type ServerMessage } from '@palang/contract/live/messages';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Asker, Authenticator } from '../access/authenticate.js';
import { mustBeAbleTo, type Principal } from '../access/principal.js';
import { problemCodeOf, toProblem } from '../http/problem.js';
import { mayUpgradeFrom } from '../http/security.js';
import type { Commit, LaneStatus, Ledger } from '../link/ports.js';
import type { Log } from '../log.js';
import type { PresentSessions } from '../sessions/present.js';
import { type Announcement, announcementOfLane, announcementsOf } from './announcements.js';
import { OperatorChannel } from './channel.js';
import type { Requests } from './requests.js';
import { type ReadStatus, readCapacity } from './systemStatus.js';

export interface OperatorSocketsOptions {
  readonly authenticator: Authenticator;
  readonly requests: Requests;
  readonly readStatus: ReadStatus;
  readonly presentSessions: PresentSessions;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
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
/** Malformed messages of one connection before it is closed. */
const MAX_MALFORMED = 20;
/** Requests of one connection that may be under way. */
const MAX_PENDING = 32;
const PING_EVERY = 15_000;
/** News that many events cause at once is told once, after so many ms. */
const CAPACITY_AFTER = 100;
const STATUS_AFTER = 100;

interface Operator {
  readonly socket: WebSocket;
  readonly channel: OperatorChannel;
  readonly asker: Asker;
  principal: Principal;
  alive: boolean;
  malformed: number;
  pending: number;
}

/** The WebSocket of operators and integrators on `/ws`. */
export function createOperatorSockets(options: OperatorSocketsOptions): OperatorSockets {
  const { authenticator, requests, readStatus, presentSessions, ledger, clock, random, log } = options;
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  const operators = new Set<Operator>();
  let stopPinging: Cancel | null = null;
  let capacityDue: Cancel | null = null;
  let lastCapacity = '';
  let statusDue: Cancel | null = null;
  /** Lanes as last announced, and whether they were online. */
  const announced = new Map<string, boolean>();

  function broadcast({ needs, message }: Announcement): void {
    const text = JSON.stringify(message);
    for (const operator of operators) if (operator.principal.can.has(needs)) operator.channel.sendText(text);
  }

  async function sendStatus(operator: Operator): Promise<void> {
    try {
      operator.channel.sendStatus({ type: 'system_status', payload: await readStatus() });
    } catch (error) {
      log.error('the status for an operator could not be read', { error });
      operator.socket.close(1011, 'internal');
    }
  }

  function welcome(socket: WebSocket, principal: Principal, asker: Asker): void {
    const operator: Operator = {
      socket,
      channel: new OperatorChannel(socket, () => void sendStatus(operator)),
      asker,
      principal,
      alive: true,
      malformed: 0,
      pending: 0,
    };
    socket.on('message', (data, binary) => void receive(operator, binary ? null : data.toString()));
    socket.on('pong', () => {
      operator.alive = true;
    });
    socket.on('close', () => operators.delete(operator));
    // ws closes the connection itself after an error such as an oversized message; the listener keeps it from being thrown.
    socket.on('error', (error) => log.debug('an operator socket failed', { error }));
    stopPinging ??= clock.after(PING_EVERY, ping);
    operators.add(operator);
    operator.channel.begin();
  }

  async function receive(operator: Operator, text: string | null): Promise<void> {
    let message: ClientMessage;
    try {
      if (text === null) throw new CodedError('bad_message', 'Messages are text');
      message = parseMessage(ClientMessage, text);
    } catch (error) {
      operator.malformed += 1;
      sendError(operator, undefined, error);
      if (operator.malformed >= MAX_MALFORMED) operator.socket.close(1008, 'too many malformed messages');
      return;
    }
    const requestId = random.hex(8);
    try {
      if (operator.pending >= MAX_PENDING) {
        throw new CodedError('too_many_requests', `At most ${MAX_PENDING} requests may be under way`);
      }
      operator.pending += 1;
      const answer = await requests.answer(message, operator.principal, requestId).finally(() => {
        operator.pending -= 1;
      });
      if (answer !== null) operator.channel.answer(withId(answer, message.id));
    } catch (error) {
      if (problemCodeOf(error) === 'internal') log.error('an operator request failed', { requestId, error });
      sendError(operator, message.id, error);
    }
  }

  function sendError({ channel }: Operator, id: string | undefined, error: unknown): void {
    const malformed = error instanceof CodedError && error.code === 'bad_message';
    const { code, detail } = malformed ? { code: error.code, detail: error.message } : toProblem(error, '');
    channel.answer(withId({ type: 'error', payload: { code, detail } }, id));
  }

  function ping(): void {
    stopPinging = clock.after(PING_EVERY, ping);
    for (const operator of operators) {
      if (!operator.alive) {
        operator.socket.terminate();
        continue;
      }
      operator.alive = false;
      operator.socket.ping();
      operator.channel.catchUp();
      void recheck(operator);
    }
  }

  /** A revoked key, an ended session or a changed role counts for open sockets too. A socket in use prolongs its session. */
  async function recheck(operator: Operator): Promise<void> {
    try {
      const known = await authenticator.identify(operator.asker);
      if (known === null) throw new CodedError('unauthenticated', 'The session has ended');
      mustBeAbleTo(known.principal, 'status:read');
      operator.principal = known.principal;
    } catch (error) {
      operator.socket.close(4401, problemCodeOf(error));
    }
  }

  async function announceCapacity(): Promise<void> {
    capacityDue = null;
    try {
      const payload = await readCapacity(ledger);
      const text = JSON.stringify(payload);
      if (text === lastCapacity) return;
      lastCapacity = text;
      broadcast({ needs: 'status:read', message: { type: 'parking_capacity', payload } });
    } catch (error) {
      log.error('the capacity could not be read', { error });
    }
  }

  function announceStatus(): void {
    statusDue = null;
    for (const operator of operators) void sendStatus(operator);
  }

  return {
    async upgrade(request, socket, head, asker) {
      // Without a listener, a client that goes away during the checks would end the process.
      socket.on('error', (error) => log.debug('an upgrade failed', { error }));
      try {
        if (server.clients.size >= options.maxConnections) {
          throw new CodedError('too_many_requests', 'There are too many connections');
        }
        if (!mayUpgradeFrom(request.headers, options.corsOrigins)) {
          throw new CodedError('origin_refused', 'This page may not connect');
        }
        const known = await authenticator.identify(asker);
        if (known === null) throw new CodedError('unauthenticated', 'Sign in, or send an API key');
        mustBeAbleTo(known.principal, 'status:read');
        server.handleUpgrade(request, socket, head, (accepted) => welcome(accepted, known.principal, asker));
      } catch (error) {
        refuseUpgrade(socket, error, random.hex(8), log);
      }
    },

    announceCommit(commit) {
      if (operators.size === 0) return;
      announcementsOf(commit, presentSessions)
        .then((announcements) => announcements.forEach(broadcast))
        .catch((error: unknown) => log.error('a commit could not be announced', { error }));
      if (commit.sessions.length > 0) capacityDue ??= clock.after(CAPACITY_AFTER, () => void announceCapacity());
    },

    announceLane(lane) {
      // What a lane is stands in the status only: who sees it for the first time, or sees it come back, needs a whole one.
      if (announced.get(lane.lane.gate_id) !== lane.online) {
        announced.set(lane.lane.gate_id, lane.online);
        statusDue ??= clock.after(STATUS_AFTER, announceStatus);
      }
      const announcement = announcementOfLane(lane);
      if (announcement !== null) broadcast(announcement);
    },

    async close() {
      stopPinging?.();
      capacityDue?.();
      statusDue?.();
      requests.stop();
      const gone = [...server.clients].map((client) => new Promise((resolve) => client.once('close', resolve)));
      for (const client of server.clients) client.close(1012, 'the hub restarts');
      const impatient = clock.after(1_000, () => {
        for (const client of server.clients) client.terminate();
      });
      await Promise.all(gone);
      impatient();
      server.close();
    },
  };
}

function withId(message: ServerMessage, id: string | undefined): ServerMessage {
  return id === undefined ? message : { ...message, id };
}

/** A refused upgrade is an ordinary HTTP answer. */
export function refuseUpgrade(socket: Duplex, error: unknown, requestId: string, log: Log): void {
  const problem = toProblem(error, requestId);
  if (problem.status >= 500) log.error('an upgrade failed', { request_id: requestId, error });
  const body = JSON.stringify(problem);
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
