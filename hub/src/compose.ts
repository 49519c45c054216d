import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '@palang/db/connect';
import { migrator } from '@palang/db/migrate';
import { seed } from '@palang/db/seeds';
import { createPhotos } from './adapters/photoFiles.js';
import { createSiteControl } from './adapters/siteControlHttp.js';
import { systemClock, systemRandom } from './adapters/systemClock.js';
import type { Config } from './config.js';
import { openBack } from './link/back.js';
import type { Log } from './log.js';
import { createOffice, type Office } from './office.js';

export interface Hub {
  readonly port: number;
  stop(): Promise<void>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The hub from its parts, started. What was opened before a failing step is closed again. */
export async function startHub(config: Config, log: Log): Promise<Hub> {
  const clock = systemClock;
  const random = systemRandom;
  const report = (error: unknown): void => log.warn('the link met an error', { error });

  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const db = connect(config.databaseUrl, { clock, random });
  try {
    const steps = await migrator(db, clock).up();
    log.info('the database is ready', { engine: db.dialect, migrated: steps.join(' ') || 'nothing to do' });
    await seed(db, clock, { admitUnknown: config.simulation });

    const back = await openBack({ database: db, clock, random, report });
    const office: Office = createOffice({
      config,
      back: { ...back, db, photos: createPhotos(join(config.dataDir, 'photos'), db, clock, random) },
      site: createSiteControl(config.siteControlUrls),
      clock,
      random,
      log,
      version: versionOf(here('../package.json')),
      pwaFolder: here('../../pwa/dist'),
    });
    back.onCommit((commit) => office.announceCommit(commit));
    const port = await office.start();
    return {
      port,
      async stop() {
        await office.stop();
        await db.close();
      },
    };
  } catch (error) {
    await db.close();
    throw error;
  }
}

function versionOf(file: string): string {
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}
