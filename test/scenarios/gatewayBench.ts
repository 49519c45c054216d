import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Digest, Epoch, Origin, type SessionId } from '@palang/contract/ids';
import { type Event, type EventKind, parseRecord } from '@palang/contract/link/events';
import { fold } from '@palang/contract/session/fold';
import type { Session } from '@palang/contract/session/session';
import { createBoardDriver } from '@palang/gateway/drivers/board/driver';
import { setAside } from '@palang/gateway/drivers/journal/setAside';
import { createTerminalPayment } from '@palang/gateway/drivers/payment/terminal';
import { systemRandom } from '@palang/gateway/drivers/system/random';
import { sha256 } from '@palang/gateway/drivers/system/sha256';
import { inThreadWriter } from '@palang/gateway/journal/inThread';
import { GroupJournal } from '@palang/gateway/journal/journal';
import type { JournalWriter } from '@palang/gateway/journal/writer';
import { LaneProfile } from '@palang/gateway/lane/profile';
import type { OrderResult } from '@palang/gateway/ports/lanes';
import { ReplicaFile } from '@palang/gateway/replica/file';
import { OwnDecisions } from '@palang/gateway/replica/own';
import { StoredReplica } from '@palang/gateway/replica/replica';
import { createLane, type Lane } from '@palang/gateway/runtime/lane';
import { SystemStamps } from '@palang/gateway/time/stamps';
import { VirtualClock } from '../fakes/virtualClock.js';
import { type SimulatedLane, Site } from '../site/site.js';
import { MemoryLedger } from '../site/terminal/ledger.js';
import { TerminalServer } from '../site/terminal/server.js';
import { HEX } from './boardBench.js';
import { type CardLabel, REFERENCE_DATA, vehicle } from './gatewayData.js';

export type GateName = 'gate_in' | 'gate_out';

/**
 * One gateway with an entry and an exit lane on virtual time: the real firmware, serial driver, terminal driver, lane machine, journal and replica; only
 * the camera's picture is made up. Nothing of the hub is there: the lanes decide alone.
 */
export class GatewayBench {
  readonly clock = new VirtualClock();
  readonly site: Site;
  readonly lanes = new Map<GateName, Lane>();
  readonly journal: GroupJournal;
  readonly #replica: StoredReplica;
  readonly #terminal: TerminalServer;
  readonly #stops: (() => void | Promise<void>)[] = [];
  #disk: Promise<void> = Promise.resolve();
  #photos = 0;
  #orders = 0;

  private constructor(folder: string) {
    const { clock } = this;
    this.site = new Site({
      hex: HEX,
      wall: () => clock.wall(),
      lanes: [
        { lane: 'gate_in', direction: 'in' },
        { lane: 'gate_out', direction: 'out', terminal: new MemoryLedger() },
      ],
    });
    const { terminal } = this.site.lane('gate_out');
    if (terminal === undefined) throw new Error('the exit of this site has a terminal');
    this.#terminal = new TerminalServer(terminal);
    const stamps = new SystemStamps({
      clock,
      boot: '00000000000000aa',
      synchronised: () => true,
      stepped: () => undefined,
    });
    const origin = Origin.parse('gw-scenario');
    const place = { path: join(folder, 'journal.db'), sha256, setAside };
    const writer = this.#slowable(inThreadWriter(place, { origin, newEpoch: Epoch.parse(systemRandom.hex(8)) }));
    const health = { raise: () => undefined, clear: () => undefined };
    this.journal = new GroupJournal({
      origin,
      writer,
      stamps,
      clock,
      random: systemRandom,
      health,
      damaged: () => undefined,
    });
    this.#replica = new StoredReplica({
      clock,
      file: new ReplicaFile(join(folder, 'replica.db'), setAside),
      own: new OwnDecisions(this.journal),
      lastSeq: () => this.journal.nextSeq - 1,
      warn: (message) => {
        throw new Error(message);
      },
    });
    this.#stamps = stamps;
  }

  readonly #stamps: SystemStamps;

  /** Both lanes are connected to their boards, and compared with them. */
  static async open(t: TestContext): Promise<GatewayBench> {
    const folder = mkdtempSync(join(tmpdir(), 'palang-scenario-'));
    const bench = new GatewayBench(folder);
    t.after(async () => {
      await bench.#stop();
      rmSync(folder, { recursive: true, force: true });
    });
    await bench.#start();
    return bench;
  }

  async #start(): Promise<void> {
    await this.journal.open();
    this.#replica.open();
    this.#replica.apply({
      from: null,
      to: '00000000000000aa.1',
      changes: REFERENCE_DATA,
    });
    const port = await this.#terminal.listen(0);
    for (const [name, extra] of [
      ['gate_in', { direction: 'in' }],
      ['gate_out', { direction: 'out', payments: ['cash', 'emoney'] }],
    ] as const) {
      const lane = this.#lane(LaneProfile.parse({ gate_id: name, ...extra }), name === 'gate_out' ? port : null);
      this.lanes.set(name, lane);
      await lane.start();
    }
    this.#stops.push(this.site.follow(this.clock));
    await this.until(
      () => [...this.lanes.values()].every((lane) => lane.snapshot().controller.status === 'connected'),
      5_000,
    );
    await this.pass(2_500);
  }

  async #stop(): Promise<void> {
    for (const lane of this.lanes.values()) await lane.stop();
    for (const stop of this.#stops) await stop();
    await this.#terminal.close();
    this.#replica.close();
    await this.journal.close();
  }

  #lane(profile: LaneProfile, terminalPort: number | null): Lane {
    const { clock } = this;
    const simulated = this.at(profile.gate_id as GateName);
    const device = createBoardDriver({ clock, path: 'virtual', openTransport: () => simulated.openSerial() });
    return createLane({
      profile,
      clock,
      stamps: this.#stamps,
      journal: this.journal,
      replica: this.#replica,
      barrier: device.barrier,
      loops: device.loops,
      reader: device.reader,
      payment: terminalPort === null ? null : createTerminalPayment({ host: '127.0.0.1', port: terminalPort, clock }),
      camera: {
        start: () => undefined,
        stop: () => Promise.resolve(),
        capture: () => Promise.resolve({ jpeg: new Uint8Array([0xff, 0xd8]), at: clock.monotonic() }),
        watch: () => () => undefined,
        status: () => 'ok',
      },
      photos: {
        put: () => Promise.resolve(Digest.parse(sha256(`photo ${++this.#photos}`))),
        get: () => Promise.resolve(null),
      },
      backlog: () => this.journal.backlog,
      log: (level, message, fields) => {
        if (level === 'error') throw new Error(`${message} ${JSON.stringify(fields)}`);
      },
    });
  }

  at(gate: GateName): SimulatedLane {
    return this.site.lane(gate);
  }

  lane(gate: GateName): Lane {
    const lane = this.lanes.get(gate);
    if (lane === undefined) throw new Error(`no lane ${gate}`);
    return lane;
  }

  phase(gate: GateName): string {
    return this.lane(gate).snapshot().state;
  }

  order(gate: GateName, order: Parameters<Lane['execute']>[0]): Promise<OrderResult> {
    return this.lane(gate).execute(order, { command: `c${++this.#orders}`, actor: 'Sari', reason: 'scenario' });
  }

  operate(gate: GateName, action: 'open' | 'close' | 'hold' | 'release', duration = 0): Promise<OrderResult> {
    return this.order(gate, { op: 'gate', action, duration });
  }

  async pass(ms: number): Promise<void> {
    await this.clock.run(this.clock.now + ms);
  }

  async until(condition: () => boolean, limit: number): Promise<void> {
    if (await this.clock.runUntil(condition, limit)) return;
    throw new Error(
      `it did not happen within ${limit} ms: ${condition}; ${JSON.stringify([...this.lanes.values()].map((lane) => lane.snapshot()))}`,
    );
  }

  /** All vehicles have gone and the arm is down, as the lane sees it too. */
  async quiet(gate: GateName, limit = 30_000): Promise<void> {
    const { world } = this.at(gate);
    await this.until(
      () => world.state.vehicles.length === 0 && world.state.arm.angle === 0 && this.phase(gate) === 'closed',
      limit,
    );
  }

  /** A car of that card drives in by the entry, and its arm is down again. */
  async bringIn(label: CardLabel): Promise<void> {
    const { world } = this.at('gate_in');
    const passed = world.state.passed + 1;
    world.send(vehicle(label));
    await this.until(() => world.state.passed === passed, 20_000);
    await this.quiet('gate_in');
  }

  /** The disk takes nothing in until the returned function is called. */
  hangDisk(): () => void {
    let release: () => void = () => undefined;
    this.#disk = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  /** Everything on the disk, in order. */
  async events(): Promise<Event[]> {
    const events: Event[] = [];
    for (let from = 1; from <= this.journal.durableSeq; ) {
      const { records } = await this.journal.read(from);
      for (const text of records) {
        const parsed = parseRecord(text);
        if (!parsed.ok) throw new Error(`${parsed.code}: ${text}`);
        events.push(parsed.event);
      }
      from += records.length;
    }
    return events;
  }

  async of<K extends EventKind>(kind: K, gate?: GateName): Promise<Extract<Event, { kind: K }>[]> {
    return (await this.events()).filter(
      (event): event is Extract<Event, { kind: K }> =>
        event.kind === kind && (gate === undefined || event.lane === gate),
    );
  }

  /** The sessions as the hub would fold them, in the order in which they began. */
  async sessions(): Promise<Session[]> {
    const sessions = new Map<SessionId, Session>();
    const book = {
      session: (id: SessionId) => sessions.get(id),
      sessionsOf: (credential: string) =>
        [...sessions.values()].filter(({ entry }) => entry?.credential === credential),
    };
    for (const event of await this.events()) {
      for (const session of fold(book, event).sessions) sessions.set(session.id, session);
    }
    return [...sessions.values()];
  }

  #slowable(writer: JournalWriter): JournalWriter {
    return {
      ...writer,
      write: async (group) => {
        await this.#disk;
        return writer.write(group);
      },
    };
  }
}
