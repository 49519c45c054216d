import type { Clock, Random } from '@palang/contract/clock';
import { CodedError, codeOf } from '@palang/contract/errors';
import { type Epoch, GateId } from '@palang/contract/ids';
import { type Down, helloText, MAX_MESSAGE_BYTES, parseMessage, Up } from '@palang/contract/link/envelope';
import type { Database } from '@palang/db/database';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { Commander } from './commander.js';
import { LaneDirectory } from './directory.js';
import { Frames } from './frames.js';
import { CLOSE, GatewayConnection } from './gatewayConnection.js';
import { type Gateways, loadGateways } from './gateways.js';
import type { Ingest } from './ingest.js';
import { type HubKey, isSignedBy } from './keys.js';
import type { LinkServer } from './ports.js';
import type { ReplicaSource } from './replica.js';

export interface LinkServerTools {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hubEpoch: Epoch;
  readonly hubKey: HubKey;
  readonly ingest: Ingest;
  readonly replica: ReplicaSource;
  readonly report: (error: unknown) => void;
}

/** A peer that has not proved who it is by then is let go. */
const HELLO_WITHIN = 5_000;
/** Sockets that have not proved who they are, all together: strangers must not crowd out gateways. */
const STRANGERS = 50;

/** The hub's end of `/link`. Listens to nothing by itself: the HTTP server hands over upgrade requests. */
export async function createLinkServer(tools: LinkServerTools): Promise<LinkServer> {
  const { clock, random, replica, report } = tools;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  const gateways = await loadGateways(tools.database);
  const directory = new LaneDirectory(clock);
  for (const { name, lanes } of gateways.described()) directory.describe(name, lanes);
  const commander = new Commander(tools);
  const connections = new Map<string, GatewayConnection>();
  const uploadTokens = new Map<string, string>();
  const frames = new Frames(clock, (lane, duration) => {
    const gateway = directory.lane(lane)?.gateway;
    if (gateway !== undefined) connections.get(gateway)?.watch(lane, duration);
  });
  const strangers = new Set<WebSocket>();
  replica.onChange(() => {
    for (const connection of connections.values()) connection.flushReplica();
  });

  async function greet(socket: WebSocket, text: string, nonce: string): Promise<GatewayConnection | null> {
    const hello = await authenticate(gateways, text, nonce);
    const { gateway } = hello;
    if (socket.readyState !== socket.OPEN) return null;
    const connection = new GatewayConnection(socket, hello, { ...tools, directory, commander, frames });
    // The newest wins: the old one is a socket whose death nobody has noticed, or a Pi that was replaced.
    connections.get(gateway)?.close(CLOSE.replaced, 'another connection of this gateway');
    connections.set(gateway, connection);
    const token = random.hex(16);
    uploadTokens.set(token, gateway);
    socket.on('close', () => {
      connection.stopped();
      uploadTokens.delete(token);
      if (connections.get(gateway) !== connection) return;
      connections.delete(gateway);
      commander.lost(gateway);
      directory.setOnline(gateway, false);
    });
    const refused = directory.describe(gateway, hello.lanes);
    for (const lane of refused) connection.send({ type: 'error', code: 'lane_taken', detail: lane });
    directory.setOnline(gateway, true);
    await connection.start(token);
    await gateways.remember(gateway, hello.lanes);
    return connection;
  }

  function meet(socket: WebSocket): void {
    const nonce = random.hex(16);
    strangers.add(socket);
    const cancel = clock.after(HELLO_WITHIN, () => socket.close(CLOSE.unauthorised, 'no hello'));
    const known = () => {
      cancel();
      strangers.delete(socket);
    };
    socket.on('error', (error) => {
      // A frame too large or not a frame: `ws` closes the connection by itself, the gateway comes back.
      report(new CodedError('link_socket', error.message));
    });
    socket.on('close', known);
    socket.once('message', (data, isBinary) => {
      known();
      // What follows the hello closely must wait until its sender is known.
      const early: [RawData, boolean][] = [];
      const keep = (...message: [RawData, boolean]) => early.push(message);
      socket.on('message', keep);
      socket.pause();
      greet(socket, isBinary ? '' : String(data), nonce)
        .then((connection) => {
          socket.off('message', keep);
          connection?.listen(early);
          socket.resume();
        })
        .catch((error: unknown) => {
          report(error);
          tell(socket, { type: 'error', code: codeOf(error) ?? 'internal_error', detail: 'not admitted' });
          socket.resume();
          socket.close(CLOSE.unauthorised, 'not admitted');
        });
    });
    tell(socket, { type: 'challenge', nonce, hub_epoch: tools.hubEpoch });
  }

  return {
    directory,
    upgrade(request, socket, head) {
      if (strangers.size >= STRANGERS) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
        return;
      }
      sockets.handleUpgrade(request, socket, head, meet);
    },
    async command(lane, order, by) {
      const id = GateId.safeParse(lane);
      const status = id.success ? directory.lane(id.data) : null;
      if (!id.success || status === null) throw new CodedError('unknown_gate', 'No such gate', { gate_id: lane });
      const connection = connections.get(status.gateway);
      if (connection === undefined) {
        throw new CodedError('gateway_offline', 'The gateway is not connected', { gateway: status.gateway });
      }
      return commander.command(connection, id.data, order, by);
    },
    watch: (lane, listener) => frames.watch(GateId.parse(lane), listener),
    latestFrame: (lane) => frames.latest(lane),
    uploader: (token) => uploadTokens.get(token) ?? null,
    async close() {
      for (const connection of connections.values()) connection.close(CLOSE.goingAway, 'the hub is stopping');
      for (const socket of strangers) socket.terminate();
      await new Promise<void>((resolve) => {
        sockets.close(() => resolve());
      });
    },
  };
}

/** @throws CodedError `bad_message`, `unauthorised` (unknown, revoked, or not its signature: a stranger is not told which) */
async function authenticate(gateways: Gateways, text: string, nonce: string): Promise<Extract<Up, { type: 'hello' }>> {
  const hello = parseMessage<Up>(Up, text);
  if (hello.type !== 'hello') throw new CodedError('bad_message', 'Expected a hello');
  const publicKey = await gateways.publicKey(hello.gateway);
  if (publicKey === null || !isSignedBy(publicKey, helloText(hello.gateway, nonce), hello.signature)) {
    throw new CodedError('unauthorised', 'Not a paired gateway', { gateway: hello.gateway });
  }
  return hello;
}

function tell(socket: WebSocket, message: Down): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}
