import type { Permission } from '@palang/contract/access/permissions';
import type { Random } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import { parseMessage } from '@palang/contract/link/envelope';
import { ClientMessage, type ServerMessage } from '@palang/contract/live/messages';
import type { WebSocket } from 'ws';
import type { Asker, Authenticator } from '../access/authenticate.js';
import { mustBeAbleTo, type Principal } from '../access/principal.js';
import { problemCodeOf, toProblem } from '../http/problem.js';
import type { Log } from '../log.js';
import { OperatorChannel } from './channel.js';
import type { Requests } from './requests.js';
import type { ReadStatus } from './systemStatus.js';

export interface OperatorTools {
  readonly authenticator: Authenticator;
  readonly requests: Requests;
  readonly readStatus: ReadStatus;
  readonly random: Random;
  readonly log: Log;
}

/** Malformed messages of one connection before it is closed. */
const MAX_MALFORMED = 20;
/** Requests of one connection that may be under way. */
const MAX_PENDING = 32;
/** Bytes of answers that a client may leave unread before it is cut off: it asks and does not listen. */
const MAX_UNREAD = 8_388_608;
const NOT_ANY_MORE: ReadonlySet<string> = new Set(['unauthenticated', 'bad_credentials', 'forbidden']);

/** Throws unless the sender may use the operator socket. */
export async function admit(authenticator: Authenticator, asker: Asker): Promise<Principal> {
  const known = await authenticator.identify(asker);
  if (known === null) throw new CodedError('unauthenticated', 'Sign in, or send an API key');
  mustBeAbleTo(known.principal, 'status:read');
  return known.principal;
}

/** One connection on `/ws`. */
export class Operator {
  readonly #socket: WebSocket;
  readonly #channel: OperatorChannel;
  readonly #asker: Asker;
  readonly #tools: OperatorTools;
  #principal: Principal;
  #alive = true;
  #malformed = 0;
  #pending = 0;

  constructor(socket: WebSocket, principal: Principal, asker: Asker, tools: OperatorTools) {
    this.#socket = socket;
    this.#principal = principal;
    this.#asker = asker;
    this.#tools = tools;
    this.#channel = new OperatorChannel(socket, () => void this.sendStatus());
    socket.on('message', (data, binary) => void this.#receive(binary ? null : data.toString()));
    socket.on('pong', () => {
      this.#alive = true;
    });
    // ws closes the connection itself after an error such as an oversized message; the listener keeps it from being thrown.
    socket.on('error', (error) => tools.log.debug('an operator socket failed', { error }));
    this.#channel.begin();
  }

  may(permission: Permission): boolean {
    return this.#principal.can.has(permission);
  }

  /** `text` is a ServerMessage that was serialised once for everybody. */
  tell(text: string): void {
    this.#channel.sendText(text);
  }

  async sendStatus(): Promise<void> {
    try {
      this.#channel.sendStatus({ type: 'system_status', payload: await this.#tools.readStatus() });
    } catch (error) {
      this.#tools.log.error('the status for an operator could not be read', { error });
      this.#socket.close(1011, 'internal');
    }
  }

  /** Ends a connection that did not answer the last ping. */
  ping(): void {
    if (!this.#alive) {
      this.#socket.terminate();
      return;
    }
    this.#alive = false;
    this.#socket.ping();
    this.#channel.catchUp();
    void this.#recheck();
  }

  /** A revoked key, an ended session or a changed role counts for open sockets too. A socket in use prolongs its session. */
  async #recheck(): Promise<void> {
    try {
      this.#principal = await admit(this.#tools.authenticator, this.#asker);
    } catch (error) {
      const code = problemCodeOf(error);
      // A database that is busy for a moment is no reason to send everybody away.
      if (NOT_ANY_MORE.has(code)) this.#socket.close(4401, code);
      else this.#tools.log.error('the rights of an operator could not be checked', { error });
    }
  }

  async #receive(text: string | null): Promise<void> {
    if (this.#socket.bufferedAmount > MAX_UNREAD) return this.#socket.terminate();
    let message: ClientMessage;
    try {
      if (text === null) throw new CodedError('bad_message', 'Messages are text');
      message = parseMessage(ClientMessage, text);
    } catch (error) {
      this.#malformed += 1;
      this.#sendError(undefined, error);
      if (this.#malformed >= MAX_MALFORMED) this.#socket.close(1008, 'too many malformed messages');
      return;
    }
    const requestId = this.#tools.random.hex(8);
    try {
      const answer = await this.#answer(message, requestId);
      if (answer !== null) this.#channel.answer(withId(answer, message.id));
    } catch (error) {
      if (problemCodeOf(error) === 'internal') {
        this.#tools.log.error('an operator request failed', { request_id: requestId, error });
      }
      this.#sendError(message.id, error);
    }
  }

  async #answer(message: ClientMessage, requestId: string): Promise<ServerMessage | null> {
    if (this.#pending >= MAX_PENDING) {
      throw new CodedError('too_many_requests', `At most ${MAX_PENDING} requests may be under way`);
    }
    this.#pending += 1;
    try {
      return await this.#tools.requests.answer(message, this.#principal, requestId);
    } finally {
      this.#pending -= 1;
    }
  }

  #sendError(id: string | undefined, error: unknown): void {
    const malformed = error instanceof CodedError && error.code === 'bad_message';
    const { code, detail } = malformed ? { code: error.code, detail: error.message } : toProblem(error, '');
    this.#channel.answer(withId({ type: 'error', payload: { code, detail } }, id));
  }
}

function withId(message: ServerMessage, id: string | undefined): ServerMessage {
  return id === undefined ? message : { ...message, id };
}
