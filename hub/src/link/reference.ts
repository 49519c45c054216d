import type { Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import { Card, Settings } from '@palang/contract/link/replica';
import { normalisePlate } from '@palang/contract/plate';
import { Tariff } from '@palang/contract/tariff/tariff';
import type { Database } from '@palang/db/database';
import { type CardRow, defineModels, plainRows } from '@palang/db/models';
import type { Reference, Replica } from './ports.js';

/** Reference data in the database, through Sequelize; each change is put into the replica once it is committed. */
export function createReference(database: Database, replica: Replica, clock: Clock): Reference {
  const { sequelize } = database;
  const { cards, vehicles, places, tariffs, config } = defineModels(sequelize);

  async function settings(): Promise<Settings> {
    const [row] = await plainRows(config, { where: { name: 'site' } });
    if (row === undefined)
      throw new CodedError('no_settings', 'The site has no settings: the database was never seeded');
    const capacity = (await plainRows(places)).reduce((total, place) => total + place.capacity, 0);
    return Settings.parse({ ...JSON.parse(row.value), capacity });
  }

  async function publishSettings(): Promise<void> {
    replica.put('settings', 'site', await settings());
  }

  async function cardWhere(where: Partial<CardRow>): Promise<Card | null> {
    const [row] = await plainRows(cards, { where });
    return row === undefined ? null : toCard(row);
  }

  return {
    settings,
    async saveSettings(next) {
      const { capacity: _, ...value } = Settings.parse({ ...next, capacity: 0 });
      await config.upsert({ name: 'site', value: JSON.stringify(value), updated_at: clock.wall() });
      await publishSettings();
    },
    async savePlaces(list) {
      await sequelize.transaction(async (transaction) => {
        await places.destroy({ where: {}, transaction });
        const rows = list.map(({ name, vehicleClass, capacity }) => ({ name, vehicle_class: vehicleClass, capacity }));
        await places.bulkCreate(rows, { transaction });
      });
      await publishSettings();
    },
    async tariffs() {
      const rows = await plainRows(tariffs, { order: ['effective_from', 'version'] });
      return rows.map((row) => Tariff.parse(JSON.parse(row.body)));
    },
    async saveTariff(tariff) {
      const { version, name, effective_from } = Tariff.parse(tariff);
      await tariffs.upsert({ version, name, effective_from, body: JSON.stringify(tariff) });
      replica.put('tariffs', version, tariff);
    },
    card: (label) => cardWhere({ card_id: label }),
    cardOf: (credential) => cardWhere({ credential }),
    async cards({ after, limit }) {
      const rows = await database.query<CardRow>('SELECT * FROM cards WHERE card_id > ? ORDER BY card_id LIMIT ?', [
        after ?? '',
        limit,
      ]);
      return rows.map(toCard);
    },
    async saveCard(card) {
      const row = toRow(Card.parse(card));
      await sequelize.transaction(async (transaction) => {
        // An upsert would take another card's row over by its credential, silently, on MySQL.
        const owner = await cards.findOne({ where: { credential: row.credential }, transaction });
        if (owner !== null && owner.get('card_id') !== row.card_id) {
          throw new CodedError('credential_taken', 'Another card has this credential', {
            card_id: owner.get('card_id'),
          });
        }
        if (row.license_plate !== null) {
          await vehicles.upsert(
            { license_plate: row.license_plate, vehicle_class: row.vehicle_class },
            { transaction },
          );
        }
        await cards.upsert(row, { transaction });
      });
      replica.put('cards', row.card_id, toCard(row));
    },
  };
}

function toRow(card: Card): CardRow {
  return {
    card_id: card.label,
    credential: card.credential,
    right_type: card.right,
    vehicle_class: card.vehicle_class,
    license_plate: card.plate === null ? null : normalisePlate(card.plate),
    status: card.status,
    valid_from: card.valid_from,
    valid_until: card.valid_until,
  };
}

function toCard(row: CardRow): Card {
  return Card.parse({
    label: row.card_id,
    credential: row.credential,
    right: row.right_type,
    vehicle_class: row.vehicle_class,
    plate: row.license_plate,
    status: row.status,
    valid_from: row.valid_from,
    valid_until: row.valid_until,
  });
}
