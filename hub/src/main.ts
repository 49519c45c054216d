import { CodedError } from '@palang/contract/errors';
import { readEnvironment, readSecret } from './adapters/environment.js';
import { openLogFile } from './adapters/logFile.js';
import { systemClock } from './adapters/systemClock.js';
import { startHub } from './compose.js';
import { readConfig } from './config.js';
import { createLog } from './log.js';

/** The whole way down may take so long; a part that hangs must not keep the process. */
const STOP_WITHIN = 12_000;

try {
  const config = readConfig(readEnvironment(process.cwd()), readSecret);
  const file = openLogFile(config.logDir, 'central_hub.log', (error) => {
    process.stderr.write(`hub: log_file: ${(error as Error).message}; lines are lost until it can be written again\n`);
  });
  const print = (line: string): void => {
    process.stdout.write(`${line}\n`);
    file.write(line);
  };
  const formatTime = (wall: number): string => new Date(wall).toISOString();
  const log = createLog({ level: config.logLevel, clock: systemClock, formatTime, write: print });

  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.error('the hub ends: an error nobody handled', { event, error });
      process.exit(1);
    });
  }

  log.info('the hub starts', { pid: process.pid, data: config.dataDir, simulation: config.simulation });
  const hub = await startHub(config, log);
  print(JSON.stringify({ event: 'hub ready', port: hub.port, pid: process.pid }));

  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info('the hub stops', { signal });
    setTimeout(() => {
      log.error('the hub did not stop in time');
      process.exit(1);
    }, STOP_WITHIN).unref();
    hub
      .stop()
      .then(() => log.info('the hub has stopped'))
      .catch((error: unknown) => {
        log.error('stopping failed', { error });
        process.exitCode = 1;
      })
      .finally(() => process.exit());
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
} catch (error) {
  // For the person at the keyboard: what to change, without a stack, unless it is no error of ours.
  const text =
    error instanceof CodedError ? `${error.code}: ${error.message}` : String((error as Error).stack ?? error);
  process.stderr.write(`hub: ${text}\n`);
  process.exit(1);
}
