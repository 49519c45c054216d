import type { Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { Epoch } from '@palang/contract/ids';
import { MAX_MESSAGE_BYTES } from '@palang/contract/link/envelope';
import type { ReplicaTable, ReplicaVersion } from '@palang/contract/link/replica';
import type { Replica } from './ports.js';

/** What one replica message says: the changes that lead from one version to another; `from` null replaces everything. */
export interface ReplicaStep {
  readonly from: ReplicaVersion | null;
  readonly to: ReplicaVersion;
  readonly changes: readonly { readonly table: ReplicaTable; readonly key: string; readonly value: unknown }[];
}

/** The replica as the link server uses it. */
export interface ReplicaSource extends Replica {
  /** What a gateway that holds `version` (null: nothing) lacks, in order; empty when it lacks nothing. */
  stepsFrom(version: ReplicaVersion | null): ReplicaStep[];
  acknowledge(gateway: string, version: ReplicaVersion): void;
  onChange(listener: () => void): void;
}

interface Row {
  readonly table: ReplicaTable;
  readonly key: string;
  /** JSON; null for a row that is gone. */
  readonly text: string | null;
  readonly version: number;
}

/** Half a message: room for the envelope, and for text that grows when it is encoded. */
const STEP_BYTES = MAX_MESSAGE_BYTES / 2;
/** Rows that are gone are remembered this long; a gateway that knows less gets a snapshot. */
const REMEMBERED_CHANGES = 10_000;

/**
 * Every row carries the version in which it last changed, so that what a gateway lacks is the rows with a later version: no log of
 * changes, and a long absence costs no more than the rows that differ. Versions are counted anew at each start of the hub.
 */
export function createReplica(hubEpoch: Epoch, clock: Clock): ReplicaSource {
  const rows = new Map<string, Row>();
  /** Rows by version, possibly outdated ones; compacted now and then. */
  let order: Row[] = [];
  let counter = 0;
  /** Rows that are there, not gone. */
  let live = 0;
  /** A gateway below this version may hold rows whose removal has been forgotten. */
  let oldest = 0;
  const acknowledged = new Map<string, number>();
  const waiting = new Set<() => void>();
  const listeners = new Set<() => void>();

  const name = (version: number): ReplicaVersion => `${hubEpoch}.${version}`;
  const number = (version: ReplicaVersion | null): number | null => {
    const [epoch, count] = version?.split('.') ?? [];
    return epoch === hubEpoch ? Number(count) : null;
  };
  const isCurrent = (row: Row): boolean => rows.get(`${row.table}/${row.key}`) === row;

  function compact(): void {
    const gone = order.filter((row) => row.text === null && isCurrent(row));
    for (const row of gone.slice(0, -REMEMBERED_CHANGES)) {
      rows.delete(`${row.table}/${row.key}`);
      oldest = row.version;
    }
    order = order.filter(isCurrent);
  }

  /** Index of the first row of `order` after `version`. */
  function firstAfter(version: number): number {
    let [low, high] = [0, order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((order[middle]?.version ?? 0) > version) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  function put(table: ReplicaTable, key: string, row: Record<string, unknown> | null): ReplicaVersion {
    const text = row === null ? null : JSON.stringify(row);
    const before = rows.get(`${table}/${key}`);
    if ((before?.text ?? null) === text) return name(before?.version ?? counter);
    counter += 1;
    const changed: Row = { table, key, text, version: counter };
    rows.set(`${table}/${key}`, changed);
    order.push(changed);
    if (before?.text != null) live -= 1;
    if (text !== null) live += 1;
    if (order.length > 2 * (live + REMEMBERED_CHANGES)) compact();
    for (const listener of listeners) listener();
    return name(counter);
  }

  return {
    version: () => name(counter),
    put,
    stepsFrom(version) {
      const known = number(version);
      const usable = known !== null && known >= oldest && known <= counter;
      const after = usable ? known : 0;
      if (usable && after === counter) return [];
      const lacking = order.slice(firstAfter(after)).filter((row) => isCurrent(row) && (usable || row.text !== null));
      const steps: ReplicaStep[] = [];
      let from = usable ? name(after) : null;
      let changes: ReplicaStep['changes'][number][] = [];
      let bytes = 0;
      for (const [index, row] of lacking.entries()) {
        changes.push({ table: row.table, key: row.key, value: row.text === null ? null : JSON.parse(row.text) });
        bytes += (row.text?.length ?? 0) + row.key.length;
        if (bytes < STEP_BYTES || index === lacking.length - 1) continue;
        steps.push({ from, to: name(row.version), changes });
        [from, changes, bytes] = [name(row.version), [], 0];
      }
      steps.push({ from, to: name(counter), changes });
      return steps;
    },
    acknowledge(gateway, version) {
      const count = number(version);
      if (count === null) acknowledged.delete(gateway);
      else acknowledged.set(gateway, count);
      for (const check of [...waiting]) check();
    },
    onChange(listener) {
      listeners.add(listener);
    },
    whenAcknowledged(version, gateways, timeout) {
      const wanted = number(version) ?? 0;
      const missing = () => gateways.filter((gateway) => (acknowledged.get(gateway) ?? -1) < wanted);
      return new Promise((resolve, reject) => {
        const check = () => {
          if (missing().length > 0) return;
          waiting.delete(check);
          cancel();
          resolve();
        };
        const cancel = clock.after(timeout, () => {
          waiting.delete(check);
          reject(new CodedError('replica_timeout', 'Not every gateway has the change', { gateways: missing() }));
        });
        waiting.add(check);
        check();
      });
    },
  };
}
