import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Epoch } from '@palang/contract/ids';
import type { Config, LaneConfig } from './config.js';
import { createBoardDriver } from './drivers/board/driver.js';
import { createHttpCamera } from './drivers/camera/httpCamera.js';
import { type Listening, listen } from './drivers/http/listen.js';
import { createDial } from './drivers/hub/dial.js';
import { createHubHttp } from './drivers/hub/http.js';
import { setAside } from './drivers/journal/setAside.js';
import { workerWriter } from './drivers/journal/workerWriter.js';
import { createTerminalPayment } from './drivers/payment/terminal.js';
import { createPhotoFolder } from './drivers/photos/photoFolder.js';
import { bootId, clockSynchronised } from './drivers/system/boot.js';
import { systemClock } from './drivers/system/clock.js';
import { systemFiles } from './drivers/system/files.js';
import { systemRandom } from './drivers/system/random.js';
import { sha256 } from './drivers/system/sha256.js';
import { Faults } from './health/faults.js';
import type { Log } from './health/log.js';
import { createApp } from './http/app.js';
import { createHandlers } from './http/handlers.js';
import { GroupJournal } from './journal/journal.js';
import { RETIRED } from './journal/open.js';
import { loadIdentity } from './keys/identity.js';
import { Pairing } from './keys/pairing.js';
import { LinkClient } from './link/client.js';
import { PhotoOutbox } from './photos/outbox.js';
import { ReplicaFile } from './replica/file.js';
import { OwnDecisions } from './replica/own.js';
import { StoredReplica } from './replica/replica.js';
import { createLane, type Lane } from './runtime/lane.js';
import { ClockWatch } from './time/clockWatch.js';
import { SystemStamps } from './time/stamps.js';

export const SOFTWARE = 'palang-gateway 0.1.0';

/** Names in the data folder. */
const files = {
  journal: 'journal.db',
  replica: 'replica.db',
  key: 'gateway.key',
  hubKey: 'hub.pub',
  pairing: 'pairing.json',
  photos: 'photos',
} as const;

export interface Gateway {
  /** Where its HTTP surface listens; known after the start. */
  readonly port: number;
  /** Resolves when every lane runs. Not being linked to the hub is no reason to wait. @throws CodedError for what makes a start impossible. */
  start(): Promise<void>;
  /** Undoes the start, in reverse order; what is pending goes to the disk. */
  stop(): Promise<void>;
}

/**
 * Puts a gateway together. The only place that knows both ports and drivers; nothing starts before `start`. `restart` is called when only a new
 * process can go on: it stops this one and ends it.
 */
export function compose(config: Config, log: Log, restart: (why: string) => void): Gateway {
  const clock = systemClock;
  const random = systemRandom;
  const path = (name: keyof typeof files): string => join(config.data_dir, files[name]);

  const lanes = new Map<string, Lane>();
  /** The gateway's own faults stand in the state of every lane. */
  const health = new Faults(log.named('faults'));

  const stamps = new SystemStamps({ clock, boot: bootId(), synchronised: clockSynchronised, stepped: recordStep });
  const clockWatch = new ClockWatch(clock, stamps, health);
  const newEpoch = Epoch.parse(random.hex(8));
  const writer = workerWriter({ path: path('journal'), origin: config.gateway, newEpoch });
  const journal = new GroupJournal({ origin: config.gateway, writer, stamps, clock, random, health, damaged });
  const replica = new StoredReplica({
    clock,
    file: new ReplicaFile(path('replica'), setAside),
    own: new OwnDecisions(journal),
    lastSeq: () => journal.nextSeq - 1,
    warn: log.named('replica').warn,
  });

  const hub = createHubHttp(config.hub.url);
  const photos = new PhotoOutbox({
    folder: createPhotoFolder(path('photos'), config.photos.most_megabytes * 1024 * 1024),
    clock,
    upload: hub.putPhoto,
    log: levelled(log.named('photos')),
  });

  for (const laneConfig of config.lanes) lanes.set(laneConfig.profile.gate_id, lane(laneConfig));

  let link: LinkClient | null = null;
  let http: Listening | null = null;
  const handlers = createHandlers({
    gateway: config.gateway,
    lanes,
    random,
    wall: clock.wall,
    standAlone: () => link?.linked !== true,
  });
  const app = createApp({
    handlers,
    random,
    sha256,
    log: log.named('http'),
    apiKeyByHash: (hash) => replica.apiKeyByHash(hash),
  });

  function lane(wanted: LaneConfig): Lane {
    const { profile, board, camera, terminal } = wanted;
    const device = createBoardDriver({
      clock,
      path: board.port,
      lamps: board.lamps,
      settings: {
        closing_delay: board.closing_delay,
        max_open: board.max_open,
        motion_timeout: board.motion_timeout,
        unused_open: profile.times.unused,
        self_close: profile.closer === 'board',
      },
    });
    const made = createLane({
      profile,
      clock,
      stamps,
      journal,
      replica,
      photos,
      barrier: device.barrier,
      loops: device.loops,
      reader: device.reader,
      payment: terminal === null ? null : createTerminalPayment({ ...terminal, clock }),
      camera: camera === null ? null : createHttpCamera({ url: camera.source, clock }),
      backlog: () => journal.backlog,
      log: levelled(log.named(profile.gate_id)),
    });
    made.onChange(() => device.show(lightOf(made)));
    return made;
  }

  function recordStep(by: number): void {
    log.warn('The wall clock jumped', { by });
    const draft = { kind: 'clock_stepped', lane: null, session: null, data: { by } } as const;
    try {
      journal.append({ drafts: [draft], lane: null, state: null, cause: null });
    } catch (error) {
      // What waits for the disk is worth more than this: an error in a timer would end the process and lose it.
      log.error('The jump is not recorded', { error });
    }
  }

  /** A new start sets the file aside and goes on in a new epoch; what the file did not take stays beside it for a person. */
  function damaged(reason: string, unwritten: readonly string[]): void {
    const kept = `${path('journal')}.unwritten-${clock.wall()}.jsonl`;
    log.error('The journal is damaged', { reason, records: unwritten.length, kept });
    try {
      systemFiles.write(kept, `${unwritten.join('\n')}\n`);
    } catch (error) {
      log.error('Records are lost', { error, records: unwritten });
    }
    restart('the journal is damaged');
  }

  /** The next start begins a new epoch, with the lanes as they are. */
  function retireJournal(detail: Record<string, unknown>): void {
    const why = `the hub knows later records of epoch ${journal.epoch}: ${JSON.stringify(detail)}`;
    const goOn = (): void => restart('the journal is an older copy of itself');
    // When the disk fails it is tried again with the next mark.
    journal.set(RETIRED, why).then(goOn, () => undefined);
  }

  async function openBooks(): Promise<void> {
    const { setAside: moved, epoch, seq } = await journal.open();
    if (moved !== null) log.error('The journal could not be trusted: set aside, and a new epoch begun', { ...moved });
    log.info('Journal open', { epoch, records: seq });
    replica.open();
    journal.setReplicaVersion(() => replica.version);
    const draft = { kind: 'gateway_started', lane: null, session: null, data: { software: SOFTWARE } } as const;
    journal.append({ drafts: [draft], lane: null, state: null, cause: null });
    await photos.open();
  }

  function linkToHub(): LinkClient {
    const identity = loadIdentity(systemFiles, path('key'));
    const pairing = new Pairing({
      gateway: config.gateway,
      identity,
      files: systemFiles,
      clock,
      hubKeyPath: path('hubKey'),
      codePath: path('pairing'),
      code: config.hub.pairing_code,
      pair: hub.pair,
      log: levelled(log.named('pairing')),
    });
    const client = new LinkClient({
      gateway: config.gateway,
      software: SOFTWARE,
      clock,
      random,
      stamps,
      feed: journal,
      notes: journal,
      replica,
      lanes,
      sign: identity.sign,
      verify: (text, signature) => pairing.verify(text, signature),
      outdated: retireJournal,
      log: levelled(log.named('link')),
      dial: createDial(config.hub.url),
      longestPause: config.simulation ? 5_000 : 60_000,
      ready: () => pairing.ready(),
    });
    client.onLinked((token) => photos.linked(token));
    return client;
  }

  return {
    get port() {
      return http?.port ?? config.http.port;
    },
    async start() {
      mkdirSync(config.data_dir, { recursive: true, mode: 0o700 });
      // The port first: a second gateway by mistake is stopped before it touches the first one's journal.
      http = await listen(app.callback(), {
        host: config.http.host,
        port: config.http.port,
        maxConnections: config.http.max_connections,
        requestTimeout: config.http.request_timeout,
      });
      await openBooks();
      for (const one of lanes.values()) {
        await one.start();
        // Also what was raised before the lane ran: a disk that is full at the start.
        health.follow((fault, active, detail) => one.fault(fault, active, detail));
      }
      clockWatch.start();
      link = linkToHub();
      link.start();
    },
    async stop() {
      link?.stop();
      clockWatch.stop();
      for (const one of lanes.values()) await one.stop();
      photos.stop();
      await http?.close();
      replica.close();
      await journal.close();
    },
  };
}

function levelled(log: Log) {
  return (level: 'debug' | 'info' | 'warn' | 'error', message: string, detail?: Readonly<Record<string, unknown>>) =>
    log[level](message, detail);
}

/** Green asks the driver to go; everything else is red. */
function lightOf(lane: Lane): 'green' | 'red' {
  const { state } = lane.snapshot();
  return state === 'open' || state === 'passing' || state === 'heldOpen' ? 'green' : 'red';
}
