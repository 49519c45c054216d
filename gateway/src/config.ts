import { CodedError } from '@palang/contract/errors';
import { Origin } from '@palang/contract/ids';
import { parseDocument, stringify } from 'yaml';
import * as z from 'zod';
import { overridden } from './environment.js';
import { levels } from './health/log.js';
import { LaneProfile } from './lane/profile.js';

const HttpUrl = z.url({ protocol: /^https?$/, error: 'expected an http:// or https:// address' });
const Port = z.int().min(0).max(65_535);

const Pin = z.int().min(2).max(69);

const Lane = z.strictObject({
  /** What the lane is: see lane/profile.ts. */
  profile: LaneProfile,
  /** Our lane controller board: barrier, loops and reader. `/dev/ttyACM0`, better a udev link; `COM3` style names where the platform has them. */
  board: z.strictObject({
    port: z.string().min(1),
    /** How long the closing loop has to be clear before the arm comes down, ms. */
    closing_delay: z.int().min(200).max(60_000).default(500),
    /** Up longer than this is a fault, ms. */
    max_open: z.int().min(5_000).max(600_000).default(120_000),
    /** From one limit switch to the other, ms. */
    motion_timeout: z.int().min(1_000).max(60_000).default(8_000),
    /** Free pins of the board with a lamp each. */
    lamps: z.partialRecord(z.enum(['green', 'red']), Pin).default({}),
  }),
  /** Null: a lane without pictures. An address that serves `/snapshot.jpg` and `/stream.mjpg`. */
  camera: z.strictObject({ source: HttpUrl }).nullable().default(null),
  /** The payment terminal of an exit (JSON lines over TCP). */
  terminal: z
    .strictObject({ host: z.string().min(1).default('127.0.0.1'), port: Port.min(1) })
    .nullable()
    .default(null),
});

/** The one schema of a gateway's configuration: type, defaults and validation. Times in ms unless named otherwise. */
export const Config = z
  .strictObject({
    /** This gateway's name; the origin of its records. Never rename one that has records to ship. */
    gateway: Origin,
    hub: z.strictObject({
      url: HttpUrl,
      /** A one-time code, needed at the first start only. A file `pairing.json` ({"code": "..."}) in the data folder does the same. */
      pairing_code: z.string().min(8).max(64).nullable().default(null),
    }),
    /** Journal, replica, keys and photos that wait. Must be on a disk that keeps its promises. */
    data_dir: z.string().min(1),
    http: z.strictObject({
      host: z.string().min(1).default('0.0.0.0'),
      /** 0 takes a free one. */
      port: Port,
      max_connections: z.int().min(1).max(10_000).default(100),
      request_timeout: z.int().min(100).max(60_000).default(10_000),
    }),
    log: z
      .strictObject({
        level: z.enum(levels).default('INFO'),
        /** Null: standard output only. The file is `<gate_id>.log`, with several lanes `<gateway>.log`. */
        dir: z.string().min(1).nullable().default(null),
      })
      .prefault({}),
    photos: z.strictObject({ most_megabytes: z.int().min(1).default(2_000) }).prefault({}),
    /** Shortens the longest pause between two attempts to reach the hub from 60 s to 5 s. Nothing else depends on it. */
    simulation: z.boolean().default(false),
    lanes: z.array(Lane).min(1),
  })
  .superRefine((config, context) => {
    const seen = new Map<string, string>();
    config.lanes.forEach((lane, index) => {
      const unique: [path: (string | number)[], value: string][] = [
        [['lanes', index, 'profile', 'gate_id'], `gate_id ${lane.profile.gate_id}`],
        [['lanes', index, 'board', 'port'], `board ${lane.board.port}`],
      ];
      for (const [path, value] of unique) {
        const other = seen.get(value);
        if (other !== undefined) context.addIssue({ code: 'custom', path, message: `${value} is also ${other}` });
        seen.set(value, path.join('.'));
      }
      const electronic = lane.profile.payments.filter((method) => method !== 'cash');
      if (electronic.length > 0 && lane.terminal === null) {
        const message = `needed for ${electronic.join(', ')}`;
        context.addIssue({ code: 'custom', path: ['lanes', index, 'terminal'], message });
      }
    });
  });
export type Config = z.infer<typeof Config>;
export type LaneConfig = Config['lanes'][number];

/**
 * Reads the YAML text with the environment over it.
 * @throws CodedError `bad_config` whose message lists every error with its path, all at once.
 */
export function parseConfig(text: string, environment: Readonly<Record<string, string | undefined>>): Config {
  const document = parseDocument(text, { prettyErrors: true });
  const problems = document.errors.map((error) => error.message);
  const { value, refused } = overridden(document.toJS(), environment);
  problems.push(...refused);
  const parsed = Config.safeParse(value);
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`));
  }
  if (problems.length > 0 || !parsed.success) {
    throw new CodedError('bad_config', `The configuration has errors:\n  ${problems.join('\n  ')}`, { problems });
  }
  return parsed.data;
}

/** The configuration as it counts, as YAML, without its secrets. */
export function printConfig(config: Config): string {
  const pairing_code = config.hub.pairing_code === null ? null : '****';
  return stringify({ ...config, hub: { ...config.hub, pairing_code } });
}
