import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { PalangClient } from '@palang/client';
import type { SocketLike } from '@palang/client/live';
import { WebSocket } from 'ws';
import { type Hub, startHub } from '../compose.js';
import { readConfig } from '../config.js';
import { FakeGateway } from './fakeGateway.js';
import { memoryLog } from './log.js';

export const KEY = `pk_${'hub-test'.repeat(4)}`;

export interface TestHub {
  readonly url: string;
  readonly client: PalangClient;
  readonly log: ReturnType<typeof memoryLog>;
  gateway(name: string, gate: string, direction: 'in' | 'out'): Promise<FakeGateway>;
  stop(): Promise<void>;
}

/** The whole hub as `main` starts it, on a free port and a folder of its own. */
export async function testHub(
  context: TestContext,
  environment: Record<string, string> = {},
  folder?: string,
): Promise<TestHub> {
  const data = folder ?? (await mkdtemp(join(tmpdir(), 'palang-hub-')));
  const log = memoryLog();
  const config = readConfig(
    { PORT: '0', HOST: '127.0.0.1', DATA_DIR: data, BOOTSTRAP_API_KEY: KEY, ...environment },
    String,
  );
  const hub: Hub = await startHub(config, log);
  const url = `http://127.0.0.1:${hub.port}`;
  const client = new PalangClient({
    baseUrl: url,
    apiKey: KEY,
    connect: (address, headers) => new WebSocket(address, { headers }) as unknown as SocketLike,
  });
  const gateways: FakeGateway[] = [];
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopped ??= (async () => {
      client.live.close();
      await Promise.all(gateways.map((gateway) => gateway.disconnect()));
      await hub.stop();
    })();
    return stopped;
  };
  context.after(async () => {
    await stop();
    if (folder === undefined) await rm(data, { recursive: true, force: true });
  });
  return {
    url,
    client,
    log,
    stop,
    async gateway(name, gate, direction) {
      const gateway = new FakeGateway(url, KEY, name, gate, direction);
      gateways.push(gateway);
      await gateway.pair();
      const seen = online(client, gate);
      client.live.open();
      await gateway.connect();
      await seen;
      return gateway;
    },
  };
}

/** Resolves when the hub shows the lane online with a state. */
function online(client: PalangClient, gate: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = client.on('hardware_status', (status) => {
      if (status.gate_id !== gate || !status.online) return;
      stop();
      resolve();
    });
  });
}
