import { DataTypes, type Model, type ModelStatic, type Sequelize } from 'sequelize';

/** Rows of the reference tables, for administration. The hot path reads and writes raw SQL. */
export interface CardRow {
  readonly card_id: string;
  readonly credential: string;
  readonly right_type: string;
  readonly vehicle_class: string;
  readonly license_plate: string | null;
  readonly status: string;
  readonly valid_from: number | null;
  readonly valid_until: number | null;
}
export interface VehicleRow {
  readonly license_plate: string;
  readonly vehicle_class: string;
}
export interface PlaceRow {
  readonly name: string;
  readonly vehicle_class: string | null;
  readonly capacity: number;
}
export interface TariffRow {
  readonly version: string;
  readonly name: string;
  readonly effective_from: number;
  /** JSON */
  readonly body: string;
}
export interface ConfigRow {
  readonly name: string;
  /** JSON */
  readonly value: string;
  readonly updated_at: number;
}

type Table<Row extends object> = ModelStatic<Model<Row, Row>>;

export interface Models {
  readonly cards: Table<CardRow>;
  readonly vehicles: Table<VehicleRow>;
  readonly places: Table<PlaceRow>;
  readonly tariffs: Table<TariffRow>;
  readonly config: Table<ConfigRow>;
}

/** A new object each time: Sequelize writes the column it first stands for into it. */
const key = () => ({ type: DataTypes.STRING, primaryKey: true });
const text = DataTypes.STRING;
// INTEGER, not BIGINT: the latter comes back as text on MySQL; the columns are wide enough in both, as the migrations made them.
const whole = DataTypes.INTEGER;

export function defineModels(sequelize: Sequelize): Models {
  const options = { timestamps: false, freezeTableName: true };
  return {
    cards: sequelize.define<Model<CardRow, CardRow>>(
      'cards',
      {
        card_id: key(),
        credential: text,
        right_type: text,
        vehicle_class: text,
        license_plate: text,
        status: text,
        valid_from: whole,
        valid_until: whole,
      },
      options,
    ),
    vehicles: sequelize.define<Model<VehicleRow, VehicleRow>>(
      'vehicles',
      { license_plate: key(), vehicle_class: text },
      options,
    ),
    places: sequelize.define<Model<PlaceRow, PlaceRow>>(
      'parking_slots',
      { name: key(), vehicle_class: text, capacity: whole },
      options,
    ),
    tariffs: sequelize.define<Model<TariffRow, TariffRow>>(
      'tariffs',
      { version: key(), name: text, effective_from: whole, body: DataTypes.TEXT },
      options,
    ),
    config: sequelize.define<Model<ConfigRow, ConfigRow>>(
      'system_config',
      { name: key(), value: DataTypes.TEXT, updated_at: whole },
      options,
    ),
  };
}

/** All rows of a table that fit `where`, as plain objects. */
export async function plainRows<Row extends object>(
  table: Table<Row>,
  options: Parameters<Table<Row>['findAll']>[0] = {},
): Promise<Row[]> {
  return (await table.findAll(options)).map((row) => row.get({ plain: true }));
}
