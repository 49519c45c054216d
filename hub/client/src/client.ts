import type {
  CaptureResult,
  EntryResult,
  ExitResult,
  GateControlResult,
  SessionView,
  SystemStatus,
} from '@palang/contract/api/shapes';
import { type Call, createCall, type HttpOptions, HubError } from './http.js';
import { Live, type LiveEvents, type LiveOptions, type SocketLike } from './live.js';
import type { Answer, Request } from './routes.js';

export { HubError };

export interface ClientOptions extends HttpOptions {
  /** Makes a WebSocket; in Node `(url, headers) => new WebSocket(url, { headers })` with the one of `ws`. */
  readonly connect?: (url: string, headers: Readonly<Record<string, string>>) => SocketLike;
  readonly live?: Omit<LiveOptions, 'url' | 'connect'>;
}

type GateAction = Request<'gateControl'>['input']['action'];
type PaymentMethod = Request<'exit'>['input']['payment_method'];

/** How one of several gates answered. */
export type GateAnswer =
  | { readonly gate_id: string; readonly ok: true; readonly result: GateControlResult }
  | { readonly gate_id: string; readonly ok: false; readonly error: HubError };

/** Everything that the hub offers to people and programs. Calls throw HubError with a `code`. */
export class PalangClient {
  /** Any route by name: `client.call('gateControl', { params: { gate_id }, input })`. */
  readonly call: Call;
  readonly live: Live;

  constructor(options: ClientOptions) {
    this.call = createCall(options);
    const headers: Record<string, string> =
      options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` };
    const connect = options.connect ?? ((url: string) => new WebSocket(url) as unknown as SocketLike);
    this.live = new Live({
      ...options.live,
      url: `${(options.baseUrl === '' ? location.origin : options.baseUrl).replace(/^http/, 'ws')}/ws`,
      connect: (url) => connect(url, headers),
    });
  }

  /** Listens to an event of the hub or of the connection. Returns a function that stops listening. */
  on<Name extends keyof LiveEvents>(name: Name, listener: (payload: LiveEvents[Name]) => void): () => void {
    return this.live.on(name, listener);
  }

  getSystemStatus(): Promise<SystemStatus> {
    return this.call('status');
  }

  getCapacity(): Promise<Answer<'capacity'>> {
    return this.call('capacity');
  }

  getSessions(state: 'open' | 'closed' | 'all' = 'open', limit = 100): Promise<SessionView[]> {
    return this.call('sessions', { query: { state, limit } });
  }

  /** Without `after`, the newest. */
  getEvents(after?: number, limit = 100): Promise<Answer<'events'>> {
    return this.call('events', { query: after === undefined ? { limit } : { after, limit } });
  }

  parkingEntry(card: string, plate?: string, gate?: string): Promise<EntryResult> {
    const input = { card_id: card, ...optional('license_plate', plate), ...optional('gate_id', gate) };
    return this.call('entry', { input: input as Request<'entry'>['input'] });
  }

  /** Settled, or `awaiting_payment` with the quote; then `parking_exit_result` follows as an event. */
  parkingExit(card: string, method: PaymentMethod, gate?: string): Promise<ExitResult> {
    const input = { card_id: card, payment_method: method, ...optional('gate_id', gate) };
    return this.call('exit', { input: input as Request<'exit'>['input'] });
  }

  /** @param seconds held open at least. */
  controlGate(gate: string, action: GateAction, seconds?: number, reason?: string): Promise<GateControlResult> {
    const input = { action, ...optional('duration', seconds), ...optional('reason', reason) };
    return this.call('gateControl', { params: { gate_id: gate }, input });
  }

  openGateIn(seconds?: number): Promise<GateControlResult> {
    return this.controlGate('gate_in', 'open', seconds);
  }

  openGateOut(seconds?: number): Promise<GateControlResult> {
    return this.controlGate('gate_out', 'open', seconds);
  }

  closeGateIn(): Promise<GateControlResult> {
    return this.controlGate('gate_in', 'close');
  }

  closeGateOut(): Promise<GateControlResult> {
    return this.controlGate('gate_out', 'close');
  }

  /** One gate that fails keeps no other closed: each answer tells its own outcome. */
  openAllGates(seconds?: number): Promise<GateAnswer[]> {
    return this.#everyGate('open', seconds);
  }

  closeAllGates(): Promise<GateAnswer[]> {
    return this.#everyGate('close');
  }

  captureImage(gate: string): Promise<CaptureResult> {
    return this.call('capture', { params: { gate_id: gate } });
  }

  /** Simulation only: a vehicle drives up to `gate_in` and shows its card. */
  simulateVehicleEntry(card: string, plate: string, type?: VehicleType): Promise<Answer<'simulateVehicle'>> {
    return this.simulateVehicle('gate_in', card, plate, type);
  }

  /** Simulation only: a vehicle drives up to `gate_out`, shows its card, pays and leaves. */
  simulateVehicleExit(card: string, plate = 'B 1', type?: VehicleType): Promise<Answer<'simulateVehicle'>> {
    return this.simulateVehicle('gate_out', card, plate, type);
  }

  simulateVehicle(gate: string, card: string, plate: string, type?: VehicleType): Promise<Answer<'simulateVehicle'>> {
    const input = { card_id: card, license_plate: plate, ...optional('vehicle_type', type) };
    return this.call('simulateVehicle', { params: { gate_id: gate }, input });
  }

  async #everyGate(action: GateAction, seconds?: number): Promise<GateAnswer[]> {
    const { gates } = await this.getSystemStatus();
    return Promise.all(
      Object.keys(gates).map(async (gate_id): Promise<GateAnswer> => {
        try {
          return { gate_id, ok: true, result: await this.controlGate(gate_id, action, seconds) };
        } catch (error) {
          if (error instanceof HubError) return { gate_id, ok: false, error };
          throw error;
        }
      }),
    );
  }
}

type VehicleType = NonNullable<Request<'simulateVehicle'>['input']['vehicle_type']>;

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value });
}
