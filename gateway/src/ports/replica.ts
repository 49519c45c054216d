import type { CredentialValue } from '@palang/contract/credential';
import type { ApiKey, Card, OpenSession, Settings } from '@palang/contract/link/replica';
import type { Tariff } from '@palang/contract/tariff/tariff';

/**
 * The gateway's copy of the hub's reference data, in memory and in a file of its own, plus what this gateway itself has decided since: its own entries and exits show at once, before
 * the hub has heard of them. Losing it loses no history.
 */
export interface Replica {
  /** Null until a first snapshot arrived in this gateway's life. */
  readonly version: string | null;
  settings(): Settings | null;
  tariffs(): Iterable<Tariff>;
  cardOf(credential: CredentialValue): Card | undefined;
  cardByLabel(label: string): Card | undefined;
  sessionOf(credential: CredentialValue): OpenSession | undefined;
  sessionById(id: string): OpenSession | undefined;
  /** Vehicles inside, pending ones included. */
  occupied(): number;
  apiKeyByHash(hash: string): ApiKey | undefined;
  /** An own decision: a session opened here, or changed (paid), or gone (left or voided). Kept until the hub's data says the same. */
  opened(session: OpenSession): void;
  changed(session: OpenSession): void;
  gone(id: string): void;
}
