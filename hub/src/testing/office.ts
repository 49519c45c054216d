import type { TestContext } from 'node:test';
import type { Clock } from '@palang/contract/clock';
import type { GateId } from '@palang/contract/ids';
import { laneSnapshot } from '@palang/contract/testing/builders';
import type { AttemptLimits } from '../access/attempts.js';
import { systemClock, systemRandom } from '../adapters/systemClock.js';
import { type Config, readConfig } from '../config.js';
import { createOffice, type Office } from '../office.js';
import type { SimulatedDrive } from '../simulation/siteControl.js';
import { testDatabase } from './database.js';
import { type FakeBack, fakeBack, lane } from './fakeBack.js';
import { memoryLog } from './log.js';

export const ADMIN_PASSWORD = 'kata-sandi-uji';
export const ADMIN_KEY = `pk_${'test'.repeat(8)}`;

export interface TestOffice {
  readonly url: string;
  readonly back: FakeBack;
  readonly office: Office;
  readonly log: ReturnType<typeof memoryLog>;
  /** What the simulated site was asked for; each vehicle is seen by its lane at once. */
  readonly drives: SimulatedDrive[];
  /** Vehicles that were told to back out. */
  readonly sentAway: string[];
  /** With the administrator's key unless the headers say otherwise. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The cookie of a new session of the administrator. */
  signIn(): Promise<string>;
}

export interface TestOfficeOptions {
  readonly config?: Partial<Config>;
  readonly attemptLimits?: AttemptLimits;
  readonly pwaFolder?: string;
  readonly clock?: Clock;
}

/** The hub's office on a free port, over a real SQLite file and a gateway side in memory. */
export async function testOffice(context: TestContext, options: TestOfficeOptions = {}): Promise<TestOffice> {
  const back = fakeBack(await testDatabase(context));
  const log = memoryLog();
  const drives: SimulatedDrive[] = [];
  const sentAway: string[] = [];
  const config: Config = {
    ...readConfig({ BOOTSTRAP_ADMIN_PASSWORD: ADMIN_PASSWORD, BOOTSTRAP_API_KEY: ADMIN_KEY }, String),
    port: 0,
    host: '127.0.0.1',
    ...options.config,
  };
  const office = createOffice({
    config,
    back,
    site: {
      async send(drive) {
        drives.push(drive);
        arrive(back, drive.lane);
        return `${drive.lane}.v${drives.length}`;
      },
      async sendAway(vehicle) {
        sentAway.push(vehicle);
      },
    },
    clock: options.clock ?? systemClock,
    random: systemRandom,
    log,
    version: '0.0.0-test',
    pwaFolder: options.pwaFolder ?? '/nonexistent',
    ...(options.attemptLimits === undefined ? {} : { attemptLimits: options.attemptLimits }),
  });
  const url = `http://127.0.0.1:${await office.start()}`;
  let stopped = false;
  const stop = office.stop.bind(office);
  office.stop = () => {
    if (stopped) return Promise.resolve();
    stopped = true;
    return stop();
  };
  context.after(() => office.stop());

  const bearer = { authorization: `Bearer ${ADMIN_KEY}` };
  const post = (path: string, body: unknown, headers: Record<string, string> = bearer) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return {
    url,
    back,
    office,
    log,
    drives,
    sentAway,
    post,
    fetch: (path, init) => fetch(url + path, { headers: bearer, ...init }),
    async signIn() {
      const response = await post('/api/session', { name: 'admin', password: ADMIN_PASSWORD }, {});
      return response.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
    },
  };
}

function arrive(back: FakeBack, gate: GateId): void {
  const known = back.lanes.get(gate) ?? lane(gate, 'in');
  back.change({ ...known, snapshot: laneSnapshot(gate, { state: 'vehiclePresent' }) });
}
