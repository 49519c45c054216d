import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { GateId } from '@palang/contract/ids';
import type { Stamp } from '@palang/contract/instant';
import type { Order } from '@palang/contract/link/commands';
import type { Card, OpenSession, Settings } from '@palang/contract/link/replica';
import type { ArmPosition } from '@palang/contract/vocabulary';
import { card, credentialOf, settings, tariff } from '../../lane/bench.js';
import { LaneProfile } from '../../lane/profile.js';
import type { OrderResult } from '../../ports/lanes.js';
import type { LoopName } from '../../ports/loops.js';
import type { Receipt } from '../../ports/receipt.js';
import type { Replica } from '../../ports/replica.js';
import { ManualClock, settle } from '../../testing/manualClock.js';
import { createLane, type Lane } from '../lane.js';
import { FakeBarrier, FakeCamera, FakeLoops, FakeReader, FakeTerminal, memoryPhotos } from './devices.js';
import { FakeDisk, FakeJournal } from './disk.js';

const BOOT = '00000000000000aa';

/** One lane on fakes, on a clock that stands still; it can crash and start again on what its disk and its terminal kept. */
export class Place {
  readonly clock = new ManualClock();
  readonly disk = new FakeDisk();
  readonly terminal = new FakeTerminal();
  readonly cards: Card[] = ['CARD_001', 'CARD_002', 'CARD_003'].map((label) => card(label));
  readonly sessions = new Map<string, OpenSession>();
  readonly logged: string[] = [];
  readonly acknowledged: number[] = [];
  settings: Settings | null = settings;
  barrier!: FakeBarrier;
  loops!: FakeLoops;
  reader!: FakeReader;
  camera!: FakeCamera;
  journal!: FakeJournal;
  lane!: Lane;
  openings = 7;
  /** How the device comes back when the lane starts. */
  comesBack: () => void = () => this.connect('down');
  #sequence = 0;
  #orders = 0;
  readonly #profile: LaneProfile;

  private constructor(profile: Record<string, unknown>) {
    this.#profile = LaneProfile.parse({ gate_id: 'gate_in', direction: 'in', ...profile });
  }

  /** Started, connected and compared. When the test ends nothing may be left: no timer, no error in the log. */
  static async open(t: TestContext, profile: Record<string, unknown> = {}): Promise<Place> {
    const place = new Place(profile);
    await place.start();
    t.after(async () => {
      await place.lane.stop();
      place.journal.release();
      await settle();
      assert.equal(place.clock.timers, 0, 'timers left over');
      assert.deepEqual(place.logged, [], 'errors in the log');
    });
    return place;
  }

  /** An exit with a terminal, and CARD_001 inside since an hour and a half: 8,000. */
  static async exit(t: TestContext): Promise<Place> {
    const place = await Place.open(t, { direction: 'out', payments: ['cash', 'emoney'] });
    place.inside('CARD_001', 5_400_000);
    return place;
  }

  async start(): Promise<void> {
    const { clock } = this;
    this.barrier = new FakeBarrier(clock);
    this.loops = Object.assign(new FakeLoops(), { now: this.loops?.now ?? { arming: false, closing: false } });
    this.reader = new FakeReader();
    this.camera = Object.assign(new FakeCamera(clock), { dead: this.camera?.dead ?? false });
    this.journal = new FakeJournal(this.disk, () => this.stamp());
    this.lane = createLane({
      profile: this.#profile,
      clock,
      stamps: { boot: BOOT, now: () => this.stamp(), measured: () => undefined },
      journal: this.journal,
      replica: this.#replica(),
      barrier: this.barrier,
      loops: this.loops,
      reader: this.reader,
      payment: this.#profile.direction === 'in' ? null : this.terminal.connect(),
      camera: this.camera,
      photos: memoryPhotos,
      backlog: () => this.disk.drafts.length,
      log: (level, message) => {
        if (level === 'error') this.logged.push(message);
      },
    });
    await this.lane.start();
    this.comesBack();
    await this.pass(2_000);
  }

  /** The process is killed: nothing it still does reaches anything. The next one starts on what is left. */
  async crash(between: () => void = () => undefined): Promise<void> {
    this.journal.crash();
    this.barrier.now = { ...this.barrier.now, online: false };
    await this.lane.stop();
    this.logged.length = 0;
    // As long as a service manager takes to start the next one.
    await this.pass(900);
    between();
    await this.start();
  }

  connect(position: ArmPosition): void {
    const { openings } = this;
    this.barrier.now = { ...this.barrier.now, online: true, position, openings, heardAt: this.clock.monotonic() };
    this.barrier.listener?.online(this.barrier.now);
  }

  stamp(): Stamp {
    const [mono, wall] = [this.clock.monotonic(), this.clock.wall()];
    return { boot: BOOT, mono, wall, quality: 'ntp', offset: 0, uncertainty: 5 };
  }

  /** A device message with the next number, or with the one given. */
  receipt(sequence = ++this.#sequence & 0xffff, stream = 5): Receipt {
    this.#sequence = sequence;
    return { id: { stream, sequence }, acknowledge: () => this.acknowledged.push(sequence) };
  }

  loop(name: LoopName, occupied: boolean, receipt: Receipt | null = this.receipt()): void {
    this.loops.now = { ...this.loops.now, [name]: occupied };
    this.loops.changed(name, occupied, receipt);
  }

  tap(label: string, receipt: Receipt | null = this.receipt()): void {
    this.reader.listener?.credential(credentialOf(label), receipt);
  }

  arm(position: ArmPosition): void {
    this.barrier.now = { ...this.barrier.now, position };
    this.barrier.listener?.position(position, true, this.receipt());
  }

  async rise(): Promise<void> {
    this.openings++;
    this.barrier.now = { ...this.barrier.now, openings: this.openings };
    this.barrier.listener?.opened(this.openings, true, this.receipt());
    this.arm('up');
    await settle();
  }

  async drive(): Promise<void> {
    this.loop('closing', true);
    this.loop('arming', false);
    this.loop('closing', false);
    this.arm('down');
    await settle();
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  inside(label: string, duration: number): void {
    const { mono, wall } = this.stamp();
    const id = `gw-else:0123456789abcdef:${label.slice(-1)}` as OpenSession['id'];
    this.sessions.set(id, {
      id,
      credential: credentialOf(label),
      card: label,
      plate: null,
      vehicle_class: 'car',
      right: 'casual',
      entered: { ...this.stamp(), boot: '00000000000000bb', mono, wall: wall - duration },
      entry_lane: 'gate_in',
      paid: 0 as OpenSession['paid'],
      revision: 0,
      provisional: false,
    });
  }

  order(order: Order, command = `order-${++this.#orders}`): Promise<OrderResult> {
    return this.lane.execute(order, { command, actor: 'Sari', reason: 'test' });
  }

  /** As after a restart: the state on the disk is the state that runs. */
  get stored(): { phase: string } {
    return JSON.parse(this.disk.lanes.get(GateId.parse('gate_in'))?.state ?? 'null');
  }

  #replica(): Replica {
    return {
      version: null,
      settings: () => this.settings,
      tariffs: () => [tariff],
      cardOf: (credential) => this.cards.find((one) => one.credential === credential),
      cardByLabel: (label) => this.cards.find((one) => one.label === label),
      sessionOf: (credential) => [...this.sessions.values()].find((one) => one.credential === credential),
      sessionById: (id) => this.sessions.get(id),
      occupied: () => this.sessions.size,
      apiKeyByHash: () => undefined,
      opened: (session) => void this.sessions.set(session.id, session),
      changed: (session) => void this.sessions.set(session.id, session),
      gone: (id) => void this.sessions.delete(id),
    };
  }
}

export function codeOf(result: OrderResult): string {
  return result.ok ? result.outcome : result.code;
}
