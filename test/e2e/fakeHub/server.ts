import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProblemCode } from '@palang/contract/api/problem';
import type { GateView } from '@palang/contract/api/shapes';
import type { LaneSnapshot } from '@palang/contract/link/live';
import { ClientMessage, type ServerMessage } from '@palang/contract/live/messages';
import type { GateAction } from '@palang/contract/vocabulary';
import { WebSocketServer } from 'ws';
import { renderJpeg } from '../../site/camera/render.js';
import type { Scene } from '../../site/camera/scene.js';
import { file, json, problem, type Reply, readJson } from './reply.js';
import { live, ordinaryWorld, plateIn, statusOf, type World } from './world.js';

export const PASSWORD = 'palang-terbuka-2026';
/** What a command meets: the lane obeys, obeys without its arm ever being seen up, or the hub answers with a problem. */
export type GateManner = 'obeys' | 'arm_stays' | ProblemCode;

/** A hub that says what a test wants it to say, over the real HTTP and WebSocket surface, and serves the built PWA. */
export class FakeHub {
  readonly world: World;
  readonly commands: { gate: string; action: GateAction; reason: string }[] = [];
  readonly vehicles: { gate: string; license_plate: string; card_id?: string }[] = [];
  manner: GateManner = 'obeys';
  /** ms until a command is accepted, and then until its effect is seen. */
  pace = 150;
  setupNeeded = false;
  /** Rises with every release of the app: browsers take a changed worker for a new version. */
  release = 1;
  /** The cookie's worth: false makes every request unauthenticated. */
  signedIn = false;
  port = 0;
  #server: Server | null = null;
  #sockets: WebSocketServer | null = null;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #drawn = new Map<string, Buffer>();

  constructor(world = ordinaryWorld()) {
    this.world = world;
  }

  /** @param port 0 for any free one; the same as before to come back after `stop`. */
  async start(port = 0): Promise<string> {
    const server = createServer((request, response) => {
      this.#answer(request).then(
        ({ status, headers, body }) => response.writeHead(status, headers).end(body),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    this.#sockets = new WebSocketServer({ noServer: true });
    server.on('upgrade', (request, socket, head) => {
      if (!this.signedIn) {
        socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
        return;
      }
      this.#sockets?.handleUpgrade(request, socket, head, (ws) => {
        ws.send(JSON.stringify({ type: 'system_status', payload: statusOf(this.world) }));
        ws.on('message', (data) => {
          const answer = this.#reply(String(data));
          if (answer !== null) ws.send(JSON.stringify(answer));
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const client of this.#sockets?.clients ?? []) client.terminate();
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Says something to every operator. A string is sent as it is, whatever it is. */
  say(message: ServerMessage | string): void {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    for (const client of this.#sockets?.clients ?? []) client.send(text);
  }

  /** Changes a lane's live state and tells it. */
  lane(gate: string, change: Partial<LaneSnapshot>, view: Partial<GateView> = {}): void {
    const before = this.#gate(gate);
    const { at: _at, ...rest } = before.live ?? live(gate);
    const lane = live(gate, { ...rest, ...change });
    this.world.gates[gate] = { ...before, ...view, live: lane };
    const online = this.#gate(gate).status === 'online';
    this.say({ type: 'hardware_status', payload: { gate_id: lane.gate_id, lane, online } });
  }

  #gate(gate: string): GateView {
    const view = this.world.gates[gate];
    if (view === undefined) throw new Error(`No gate ${gate} in this world`);
    return view;
  }

  #reply(text: string): ServerMessage | null {
    const message = ClientMessage.parse(JSON.parse(text));
    if (message.type === 'ping') return { type: 'pong', payload: { sent: message.payload?.sent, time: Date.now() } };
    if (message.type === 'request_system_status') return { type: 'system_status', payload: statusOf(this.world) };
    return null;
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const url = new URL(request.url ?? '/', 'http://hub');
    const route = `${request.method} ${url.pathname}`;
    if (!url.pathname.startsWith('/api/')) return this.#app(url.pathname);
    if (route === 'GET /api/setup') return json(200, { needed: this.setupNeeded });
    const body = request.method === 'POST' ? await readJson(request) : {};
    if (route === 'POST /api/setup' || route === 'POST /api/session') {
      if (body.password !== PASSWORD) return problem('bad_credentials');
      this.signedIn = true;
      this.setupNeeded = false;
      return json(200, this.world.me);
    }
    if (!this.signedIn) return problem('unauthenticated');
    if (route === 'DELETE /api/session') this.signedIn = false;
    return this.#signedIn(route, body);
  }

  async #app(path: string): Promise<Reply> {
    const reply = await file(path);
    return path === '/sw.js' ? { ...reply, body: `${reply.body}\n// release ${this.release}` } : reply;
  }

  #signedIn(route: string, body: Record<string, unknown>): Reply | Promise<Reply> {
    const [, name = ''] = /\/([a-z0-9_]+)(?:\/vehicle)?$/.exec(route) ?? [];
    if (route === 'DELETE /api/session') return { status: 204, headers: {}, body: '' };
    if (route === 'GET /api/session') return json(200, this.world.me);
    if (route === 'GET /api/sessions') return json(200, this.world.sessions);
    if (route === 'GET /api/events') return json(200, this.world.events);
    if (route === 'GET /api/parking/capacity') return json(200, this.world.capacity);
    if (route.startsWith('GET /api/camera/frame/')) return this.#frame(name);
    if (route.startsWith('GET /api/photos/')) return this.#picture(scene('gate_in', plateIn(name), 'down'), 0);
    if (route.startsWith('POST /api/gate/control/')) return this.#control(name, body);
    if (route.startsWith('POST /api/simulation/')) {
      this.vehicles.push({ gate: name, ...(body as { license_plate: string }) });
      return json(200, { vehicle_id: 'v1', gate_id: name });
    }
    return problem('not_found');
  }

  async #control(gate: string, body: Record<string, unknown>): Promise<Reply> {
    const action = body.action as GateAction;
    this.commands.push({ gate, action, reason: String(body.reason) });
    const { manner } = this;
    await new Promise<void>((resolve) => this.#after(this.pace, resolve));
    if (manner === 'obeys') this.#obey(gate, action);
    else if (manner !== 'arm_stays') return problem(manner);
    return json(200, { gate_id: gate, action, status: 'accepted', command: 'c' });
  }

  #obey(gate: string, action: GateAction): void {
    if (action !== 'open' && action !== 'hold') {
      this.lane(gate, { state: action === 'out_of_service' ? 'outOfService' : 'closed', arm: 'down' });
      return;
    }
    this.lane(gate, { state: 'opening', arm: 'raising' });
    this.#after(this.pace * 3, () => {
      const before = this.#gate(gate).live ?? live(gate);
      const inputs = { ...before.inputs, upper_limit: true, lower_limit: false };
      this.lane(gate, { state: action === 'hold' ? 'heldOpen' : 'open', arm: 'up', inputs });
    });
  }

  #frame(gate: string): Reply {
    const view = this.#gate(gate);
    if (view.live?.camera !== 'ok') return problem('camera_offline');
    const plate = view.live.inputs.arming_loop === true ? (view.live.last?.plate ?? 'B1X') : null;
    return this.#picture(scene(gate, plate, view.live.arm), 180);
  }

  #picture(shown: Scene, age: number): Reply {
    const key = JSON.stringify(shown);
    const jpeg = this.#drawn.get(key) ?? renderJpeg(shown);
    this.#drawn.set(key, jpeg);
    return { status: 200, headers: { 'content-type': 'image/jpeg', 'x-frame-age': String(age) }, body: jpeg };
  }

  #after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}

function scene(lane: string, plate: string | null, arm: string): Scene {
  const angle = arm === 'up' ? 85 : arm === 'down' ? 0 : 40;
  const time = new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString().slice(0, 16);
  const vehicles = plate === null ? [] : [{ type: 'car' as const, plate, front: 3.4, length: 4.2 }];
  return {
    lane,
    time,
    arm: { angle, broken: false },
    loops: { arming: plate !== null, closing: false },
    lamp: arm === 'up',
    vehicles,
  };
}
