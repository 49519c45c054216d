import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';

export interface MariaDb {
  /** The address of a new, empty database on this server. */
  createDatabase(): Promise<string>;
  /** SIGKILL, as in a power cut; `start` brings it back with the same data on the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A private MariaDB in a temporary folder, with its durable defaults. Fails, never skips, where it is not installed. */
export async function startMariaDb(): Promise<MariaDb> {
  const server = await find('mariadbd');
  const install = await find('mariadb-install-db');
  const folder = await mkdtemp(join(tmpdir(), 'palang-mariadb-'));
  const user = userInfo().username;
  const common = ['--no-defaults', `--datadir=${join(folder, 'data')}`, `--user=${user}`];
  await promisify(execFile)(install, [...common, '--auth-root-authentication-method=normal', '--skip-test-db']);
  const port = await freePort();
  const settings = [
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    '--innodb-buffer-pool-size=64M',
    '--innodb-log-file-size=32M',
    '--skip-name-resolve',
  ];
  let child: ChildProcess | null = null;
  let databases = 0;

  const start = async (): Promise<void> => {
    const started = spawn(server, [...common, ...settings], { stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    const lines: string[] = [];
    const log = createInterface({ input: started.stderr });
    await new Promise<void>((resolve, reject) => {
      started.once('exit', (code) => reject(new Error(`mariadbd ended with ${code}:\n${lines.join('\n')}`)));
      log.on('line', (line) => {
        lines.push(line);
        if (line.includes('ready for connections')) resolve();
      });
    });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    await exited;
  };

  await start();
  return {
    async createDatabase() {
      databases += 1;
      const connection = await mysql.createConnection({ host: '127.0.0.1', port, user: 'root' });
      await connection.query(`CREATE DATABASE palang_${databases}`);
      await connection.end();
      return `mysql://root@127.0.0.1:${port}/palang_${databases}`;
    },
    kill: () => end('SIGKILL'),
    start,
    async stop() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function find(program: string): Promise<string> {
  for (const folder of ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin']) {
    const path = join(folder, program);
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  throw new Error(`${program} is not installed: the tests need the Debian package mariadb-server`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
