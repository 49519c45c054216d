import type { Epoch, Origin } from '@palang/contract/ids';
import type { Sql } from '@palang/db/database';
import type { Examined } from './records.js';

/** Something about a record that a person must look at. */
export interface Attention {
  readonly code: string;
  readonly item: Pick<Examined, 'seq' | 'hash' | 'record'>;
  readonly detail: Readonly<Record<string, unknown>>;
  /** True when the bytes have no place among the events and must be kept here. */
  readonly keepRecord?: boolean;
}

/** Adds items; one that is there already is counted, so that a gateway that repeats itself fills no table. */
export async function addAttention(
  sql: Sql,
  where: { readonly origin: Origin; readonly epoch: Epoch },
  items: readonly Attention[],
  now: number,
): Promise<void> {
  const again =
    sql.dialect === 'mysql' ? 'ON DUPLICATE KEY UPDATE' : 'ON CONFLICT (code, origin, epoch, seq, hash) DO UPDATE SET';
  const incoming = sql.dialect === 'mysql' ? 'VALUES(last_at)' : 'excluded.last_at';
  await sql.insert(
    'attention',
    ['code', 'origin', 'epoch', 'seq', 'hash', 'record', 'detail', 'first_at', 'last_at', 'times'],
    items.map(({ code, item, detail, keepRecord }) => [
      code,
      where.origin,
      where.epoch,
      item.seq,
      item.hash,
      keepRecord === true ? item.record : null,
      JSON.stringify(detail),
      now,
      now,
      1,
    ]),
    `${again} times = times + 1, last_at = ${incoming}`,
  );
}
