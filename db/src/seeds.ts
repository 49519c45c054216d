import type { Clock } from '@palang/contract/clock';
import type { Tariff } from '@palang/contract/tariff/tariff';
import { Tariff as TariffSchema } from '@palang/contract/tariff/tariff';
import type { Database } from './database.js';

const rate = (first: number, then: number, cap: number) => ({
  free_minutes: 0,
  first: { minutes: 60, amount: first },
  increment: { minutes: 60, amount: then },
  daily_cap: cap,
});

/** Rupiah; no free minutes, so that a short stay in the demo costs its first hour. */
const demoTariff: Tariff = TariffSchema.parse({
  version: 'demo-1',
  name: 'Tarif progresif',
  effective_from: 0,
  rates: {
    car: rate(5_000, 3_000, 30_000),
    motorcycle: rate(2_000, 1_000, 10_000),
    truck: rate(10_000, 5_000, 60_000),
    bus: rate(10_000, 5_000, 60_000),
  },
  ceiling: 1_000_000,
});

/** What a site is before anyone has set it up. `capacity` counts in `places`. */
const demoSite = { site_name: 'Palang', time_zone: 'Asia/Jakarta', when_full: 'deny', admit_unknown: false };
const demoPlaces = { name: 'main', capacity: 100 };

/** Gives an empty site a tariff, settings and places, so that the first car can be priced. What is there already stays. */
export async function seed(
  database: Database,
  clock: Clock,
  site: { readonly admitUnknown: boolean } = { admitUnknown: false },
): Promise<void> {
  await database.transaction(async (sql) => {
    const isEmpty = async (table: string) => (await sql.query(`SELECT 1 FROM ${table} LIMIT 1`)).length === 0;
    if (await isEmpty('tariffs')) {
      const { version, name, effective_from } = demoTariff;
      await sql.insert(
        'tariffs',
        ['version', 'name', 'effective_from', 'body'],
        [[version, name, effective_from, JSON.stringify(demoTariff)]],
      );
    }
    if (await isEmpty('system_config')) {
      const settings = JSON.stringify({ ...demoSite, admit_unknown: site.admitUnknown });
      await sql.insert('system_config', ['name', 'value', 'updated_at'], [['site', settings, clock.wall()]]);
    }
    if (await isEmpty('parking_slots')) {
      await sql.insert(
        'parking_slots',
        ['name', 'vehicle_class', 'capacity'],
        [[demoPlaces.name, null, demoPlaces.capacity]],
      );
    }
  });
}
