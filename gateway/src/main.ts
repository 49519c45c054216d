import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { parseArgs } from 'node:util';
import { codeOf } from '@palang/contract/errors';
import { compose, SOFTWARE } from './compose.js';
import { type Config, parseConfig, printConfig } from './config.js';
import { createLogFile } from './drivers/system/logFile.js';
import { sha256 } from './drivers/system/sha256.js';
import { createLog, type Log } from './health/log.js';
import { verifyJournal } from './journal/verify.js';

const USAGE = `usage: node gateway/dist/main.js --config FILE [--print-config | --verify-journal]
  --config FILE      YAML; the environment overrides it (gateway/README.md)
  --print-config     prints the configuration as it counts, without secrets, and ends
  --verify-journal   checks every record of the journal and ends (also while the gateway runs)`;

/** A stop that takes longer is cut off: what is on the disk is safe at every moment, ms. */
const STOP_WITHIN = 5_000;

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

function fail(error: unknown): never {
  process.stderr.write(`${codeOf(error) ?? 'error'}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

function readConfig(file: string): Config {
  if (existsSync('.env')) loadEnvFile('.env');
  return parseConfig(readFileSync(file, 'utf8'), process.env);
}

function openLog(config: Config): Log {
  const [only, ...others] = config.lanes;
  const name = only !== undefined && others.length === 0 ? only.profile.gate_id : config.gateway;
  const file = config.log.dir === null ? null : createLogFile(join(config.log.dir, `${name}.log`));
  return createLog({
    level: config.log.level,
    component: config.gateway,
    time: () => new Date().toISOString(),
    write(line) {
      process.stdout.write(line);
      file?.(line);
    },
  });
}

async function run(config: Config): Promise<void> {
  // Whoever read our output may go away; a lane does not stop for that.
  process.stdout.on('error', () => undefined);
  const log = openLog(config);
  const gateway = compose(config, log, (why) => void stop(1, why).catch(broken));
  let stopping = false;
  const stop = async (status: number, why: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info('Stopping', { why });
    setTimeout(() => {
      log.error('The stop took too long', { ms: STOP_WITHIN });
      process.exit(1);
    }, STOP_WITHIN).unref();
    await gateway.stop();
    log.info('Stopped');
    process.exit(status);
  };
  const broken = (error: unknown): void => {
    // Whatever state this is, it is not one that was meant; the supervisor starts a new process, and the journal knows what was under way.
    log.error('Unexpected error', { error, stack: error instanceof Error ? error.stack : undefined });
    process.exit(1);
  };
  process.on('uncaughtException', broken);
  process.on('unhandledRejection', broken);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(0, signal).catch(broken));
  try {
    await gateway.start();
  } catch (error) {
    log.error('The gateway cannot start', { code: codeOf(error), error });
    process.exit(1);
  }
  const gates = config.lanes.map((lane) => lane.profile.gate_id);
  log.info('Ready', { port: gateway.port, gates });
  say(
    JSON.stringify({ event: 'gateway ready', gateway: config.gateway, port: gateway.port, gates, software: SOFTWARE }),
  );
}

try {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      'print-config': { type: 'boolean', default: false },
      'verify-journal': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || values.config === undefined) {
    say(USAGE);
    process.exit(values.help ? 0 : 2);
  }
  const config = readConfig(values.config);
  if (values['print-config']) say(printConfig(config));
  else if (values['verify-journal'])
    say(JSON.stringify(verifyJournal(join(config.data_dir, 'journal.db'), config.gateway, sha256)));
  else await run(config);
} catch (error) {
  fail(error);
}
