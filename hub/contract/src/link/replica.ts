import * as z from 'zod/mini';
import { CredentialValue } from '../credential.js';
import { SessionId } from '../ids.js';
import { Stamp } from '../instant.js';
import { Rupiah } from '../money.js';
import { Tariff } from '../tariff/tariff.js';
import { RightType, VehicleClass } from '../vocabulary.js';

/** `<hub epoch>.<counter>`: versions of different hub starts never compare. */
export const ReplicaVersion = z.string().check(z.regex(/^[0-9a-f]{16}\.[0-9]{1,15}$/));
export type ReplicaVersion = z.infer<typeof ReplicaVersion>;

/** A label (`CARD_001`) and the credential that a reader reads. */
export const Card = z.object({
  label: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/)),
  credential: CredentialValue,
  right: RightType,
  vehicle_class: VehicleClass,
  plate: z.nullable(z.string()),
  status: z.enum(['active', 'blocked']),
  /** Epoch ms, null = unbounded. */
  valid_from: z.nullable(z.int()),
  valid_until: z.nullable(z.int()),
});
export type Card = z.infer<typeof Card>;

/** A session whose vehicle is, or may be, inside. Known at every gateway so that any exit can let it out and price it. */
export const OpenSession = z.object({
  id: SessionId,
  credential: z.nullable(CredentialValue),
  card: z.nullable(z.string()),
  plate: z.nullable(z.string()),
  vehicle_class: VehicleClass,
  right: RightType,
  entered: Stamp,
  entry_lane: z.string(),
  paid: Rupiah,
  /** Number of settled payments; the next payment's revision is one more. */
  revision: z.int().check(z.nonnegative()),
  provisional: z.boolean(),
});
export type OpenSession = z.infer<typeof OpenSession>;

export const ApiKey = z.object({
  id: z.string(),
  /** sha256 of the key's text; the key itself is nowhere stored. */
  hash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  permissions: z.array(z.string()),
});
export type ApiKey = z.infer<typeof ApiKey>;

export const Settings = z.object({
  site_name: z.string(),
  time_zone: z.string(),
  /** Places for all classes together. */
  capacity: z.int().check(z.nonnegative()),
  /** What an entry lane does for casual vehicles when the site is full. */
  when_full: z.enum(['deny', 'allow']),
  /** True in simulation, or where a site admits any readable card as casual. */
  admit_unknown: z.boolean(),
});
export type Settings = z.infer<typeof Settings>;

/** The tables of the replica, by name, with the schema of a row. `settings` has the single key `site`. */
export const replicaTables = {
  cards: Card,
  sessions: OpenSession,
  tariffs: Tariff,
  settings: Settings,
  api_keys: ApiKey,
} as const;
export type ReplicaTable = keyof typeof replicaTables;

/** One row put or (with `value` null) removed. A row that does not fit its schema is counted and skipped, the rest applies. */
export const ReplicaChange = z.object({
  table: z.enum(['cards', 'sessions', 'tariffs', 'settings', 'api_keys']),
  key: z.string(),
  value: z.nullable(z.record(z.string(), z.unknown())),
});
export type ReplicaChange = z.infer<typeof ReplicaChange>;
