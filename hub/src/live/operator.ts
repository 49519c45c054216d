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
/** Too many failures are failures too: an unknown key from an address that tried others before it is told so, and nothing else. */
const NOT_ANY_MORE: ReadonlySet<string> = new Set([
  'unauthenticated',
  'bad_credentials',
  'forbidden',
  'too_many_requests',
]);

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
  /** The check of rights that was begun last: one after the other, so that requests keep their order. */
  #checked: Promise<unknown> = Promise.resolve();
  #alive = true;
  #malformed = 0;
  #pending = 0;

  constructor(socket: WebSocket, principal: Principal, asker: Asker, tools: OperatorTools) {
    this.#socket = socket;
    this.#principal = principal;
    this.#asker = asker;
    this.#tools = tools;
    this.#channel = new OperatorChannel(socket, () => void this.#sendStatus());
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

  /** A whole status, because single news would not say it all. */
  refresh(): void {
    this.#channel.begin();
  }

  async #sendStatus(): Promise<void> {
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

  /** An idle socket too is closed when its key was revoked, its session ended or its role changed. A socket in use prolongs its session. */
  async #recheck(): Promise<void> {
    try {
      await this.#checkRights();
    } catch (error) {
      // A database that is busy for a moment is no reason to send everybody away.
      if (!this.#dismiss(error)) this.#tools.log.error('the rights of an operator could not be checked', { error });
    }
  }

  /** Asks anew who this is and what they may do. @throws what `admit` throws. */
  #checkRights(): Promise<Principal> {
    const checked = this.#checked.then(async () => {
      this.#principal = await admit(this.#tools.authenticator, this.#asker);
      return this.#principal;
    });
    this.#checked = checked.catch(() => {});
    return checked;
  }

  /** Says why and closes the connection when the check of rights says that it may not be used any more. */
  #dismiss(error: unknown, id?: string): boolean {
    const code = problemCodeOf(error);
    if (!NOT_ANY_MORE.has(code)) return false;
    this.#sendError(id, error);
    this.#socket.close(4401, code);
    return true;
  }

  async #receive(text: string | null): Promise<void> {
    // Closing waits for the other side's consent; until then its messages still arrive.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
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
      return await this.#tools.requests.answer(message, await this.#senderOf(message), requestId);
    } finally {
      this.#pending -= 1;
    }
  }

  /** A right that was taken away a moment ago must not move a barrier now. */
  async #senderOf(message: ClientMessage): Promise<Principal> {
    if (message.type === 'ping') return this.#principal;
    try {
      return await this.#checkRights();
    } catch (error) {
      // What is sent after the close, such as the same error again, goes nowhere.
      this.#dismiss(error, message.id);
      throw error;
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
