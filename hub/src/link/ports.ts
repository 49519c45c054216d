import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Cancel } from '@palang/contract/clock';
import type { Digest, EventId, GateId, Origin, SessionId } from '@palang/contract/ids';
import type { Order } from '@palang/contract/link/commands';
import type { EventHeader } from '@palang/contract/link/events';
import type { LaneDescription, LaneSnapshot } from '@palang/contract/link/live';
import type { Card, ReplicaTable, ReplicaVersion, Settings } from '@palang/contract/link/replica';
import type { Occupancy } from '@palang/contract/session/occupancy';
import type { Session } from '@palang/contract/session/session';
import type { Tariff } from '@palang/contract/tariff/tariff';
import type { VehicleClass } from '@palang/contract/vocabulary';

/** A session with what stands behind its references; null when unknown or forgotten. */
export interface SessionRecord {
  readonly session: Session;
  readonly plate: string | null;
  readonly credential: string | null;
}

/** An event as the hub stored it. `header` is null when the record could not be read (it is then on the attention list). */
export interface StoredEvent {
  /** The hub's own order, rising without gaps; a client's cursor. */
  readonly position: number;
  readonly id: EventId;
  readonly kind: string;
  readonly lane: string | null;
  readonly session: SessionId | null;
  /** Epoch ms at the hub. */
  readonly receivedAt: number;
  readonly header: EventHeader | null;
  /** Of the session that the event names or creates. */
  readonly plate: string | null;
  readonly card: string | null;
}

/** One batch that is now durable. */
export interface Commit {
  readonly origin: Origin;
  readonly events: readonly StoredEvent[];
  /** Sessions that changed, whole. */
  readonly sessions: readonly SessionRecord[];
}

/** Questions to the books. */
export interface Ledger {
  session(id: SessionId): Promise<SessionRecord | null>;
  /** Newest entry first. `before` is the id of the last session of the previous page. */
  sessions(filter: {
    readonly inside?: boolean;
    readonly before?: SessionId;
    readonly limit: number;
  }): Promise<SessionRecord[]>;
  /** Open sessions of a credential or of a card's label, oldest first. */
  openSessionsOf(who: { readonly credential?: string; readonly card?: string }): Promise<SessionRecord[]>;
  /** Oldest first after a position, or the newest `limit` (still oldest first) without one. */
  events(page: { readonly after?: number; readonly limit: number }): Promise<StoredEvent[]>;
  occupancy(): Promise<Occupancy>;
  /** Items that wait for a person. */
  attentionCount(): Promise<number>;
}

/** Reference data: what the hub decides and every gateway has a copy of. Each change reaches the replicas at once. */
export interface Reference {
  settings(): Promise<Settings>;
  /** Capacity is that of the places (`savePlaces`), not of the argument. */
  saveSettings(settings: Omit<Settings, 'capacity'>): Promise<void>;
  savePlaces(
    places: readonly { readonly name: string; readonly vehicleClass: VehicleClass | null; readonly capacity: number }[],
  ): Promise<void>;
  tariffs(): Promise<Tariff[]>;
  saveTariff(tariff: Tariff): Promise<void>;
  card(label: string): Promise<Card | null>;
  cardOf(credential: string): Promise<Card | null>;
  cards(page: { readonly after?: string; readonly limit: number }): Promise<Card[]>;
  /** @throws CodedError `credential_taken` when another card has the credential. */
  saveCard(card: Card): Promise<void>;
}

/** The copy that gateways decide by, and who has which version of it. */
export interface Replica {
  /** The version that includes every change made so far. */
  version(): ReplicaVersion;
  /** Puts (or with null removes) a row; nothing happens when the row is the same already. Returns the version that has it. */
  put(table: ReplicaTable, key: string, row: Record<string, unknown> | null): ReplicaVersion;
  /**
   * Resolves when each of the gateways has said that it holds `version` or a later one.
   * @throws CodedError `replica_timeout` after `timeout` ms, with the missing gateways in the detail.
   */
  whenAcknowledged(version: ReplicaVersion, gateways: readonly string[], timeout: number): Promise<void>;
}

export interface LaneStatus {
  readonly gateway: string;
  readonly lane: LaneDescription;
  readonly online: boolean;
  /** Ms since anything was heard about this lane; null when not since the hub started. */
  readonly age: number | null;
  readonly snapshot: LaneSnapshot | null;
}

/** The lanes of all paired gateways, present or not. */
export interface Directory {
  lanes(): LaneStatus[];
  lane(id: string): LaneStatus | null;
  /** Called when a lane appears, goes, comes back, or has a new snapshot. */
  onChange(listener: (lane: LaneStatus) => void): Cancel;
}

export interface CommandOutcome {
  readonly id: string;
  /** `accepted`, `settled`, `awaiting_payment`, a CommandRefusal, or the lane's own code. */
  readonly outcome: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Frame {
  readonly lane: GateId;
  readonly jpeg: Uint8Array;
  /** Hub's wall clock at arrival, epoch ms. */
  readonly at: number;
}

export interface LinkServer {
  readonly directory: Directory;
  /** Takes over an HTTP upgrade request for `/link`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * Sends a signed command now or not at all.
   * @throws CodedError `unknown_gate`, `gateway_offline` (nothing was sent), `gateway_timeout` (sent; whether it was
   * carried out is told by the gateway's event).
   */
  command(lane: string, order: Order, by: { readonly actor: string; readonly reason: string }): Promise<CommandOutcome>;
  /** Asks the lane's camera for frames for the next 5 s (repeat to go on) and hands them over as they come. */
  watch(lane: string, listener: (frame: Frame) => void): Cancel;
  latestFrame(lane: string): Frame | null;
  /** The gateway that may upload with this token, or null. */
  uploader(token: string): string | null;
  close(): Promise<void>;
}

/** One-time codes that let a new gateway in. */
export interface Pairing {
  /** Valid for 15 minutes, for one gateway. Only its hash is kept. */
  createCode(gateway: string): Promise<{ readonly code: string; readonly expiresAt: number }>;
  /**
   * Pairing again under a name replaces its key (a swapped Pi).
   * @throws CodedError `bad_pairing_code` (wrong, used or expired), `bad_public_key`.
   */
  pair(code: string, gateway: string, publicKey: string): Promise<{ readonly hubPublicKey: string }>;
}

/** Evidence by digest. */
export interface Photos {
  /**
   * Stores a stream once its sha256 is the digest; storing the same again is harmless.
   * @throws CodedError `photo_too_large` (over 4 MB), `photo_digest_mismatch`.
   */
  store(digest: Digest, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Null when it has not arrived. */
  open(digest: Digest): Promise<{ readonly bytes: number; readonly stream: NodeJS.ReadableStream } | null>;
}
