import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import jpeg from 'jpeg-js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const HEX = fileURLToPath(new URL('../../../arduino/palang-lane.hex', import.meta.url));

interface Ready {
  message: string;
  control_port: number;
  camera_port: number;
  terminal_ports: Record<string, number>;
}

/** A data folder and the site processes that use it; both are gone after the test. */
function workplace(t: TestContext): { data: string; start(): Promise<{ process: ChildProcess; ready: Ready }> } {
  const data = mkdtempSync(join(tmpdir(), 'palang-site-'));
  const running: ChildProcess[] = [];
  t.after(async () => {
    for (const process of running) {
      if (process.exitCode === null && process.kill('SIGKILL')) await once(process, 'exit');
    }
    rmSync(data, { recursive: true });
  });
  const lane = { lane: 'gate_out', direction: 'out', tty: join(data, 'gate_out.tty'), terminal_port: 0 };
  const config = { gateway: 'gw', data_dir: data, hex: HEX, control_port: 0, camera_port: 0, lanes: [lane] };
  const path = join(data, 'site.json');
  writeFileSync(path, JSON.stringify(config));
  return {
    data,
    async start() {
      const process = spawn(globalThis.process.execPath, [MAIN, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      running.push(process);
      const line = await createInterface({ input: process.stdout })[Symbol.asyncIterator]().next();
      return { process, ready: JSON.parse(line.value as string) as Ready };
    },
  };
}

interface LaneState {
  vehicles: { vehicle_id: string; phase: string; plate: string }[];
  board: { serial_plugged: boolean };
  loops: { arming: boolean };
  terminal: { charges: { outcome: { status: string } | null }[] };
}

function api({ control_port }: Ready) {
  const base = `http://127.0.0.1:${control_port}`;
  return {
    post: async (path: string, body: unknown) => {
      const response = await fetch(base + path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return {
        status: response.status,
        body: (await response.json()) as { vehicle_id?: string; error?: { code: string } },
      };
    },
    lane: async () => {
      const state = (await (await fetch(`${base}/state`)).json()) as { lanes: { gate_out: LaneState } };
      return state.lanes.gate_out;
    },
  };
}

async function until(condition: () => Promise<boolean>, limitMs = 10_000): Promise<void> {
  const limit = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > limit) throw new Error(`it did not happen within ${limitMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('the site process shows a vehicle that was sent, takes its money, and stops cleanly', async (t) => {
  const { data, start } = workplace(t);
  const { process, ready } = await start();
  assert.equal(ready.message, 'site ready');
  const { post, lane } = api(ready);

  const sent = await post('/vehicles', { lane: 'gate_out', plate: 'B 9 ZZ', vehicle_type: 'motorcycle' });
  assert.equal(sent.status, 202);
  await until(async () => (await lane()).vehicles[0]?.phase === 'waiting');
  assert.equal((await lane()).loops.arming, true);
  const picture = await fetch(`http://127.0.0.1:${ready.camera_port}/lanes/gate_out/snapshot.jpg`);
  assert.equal(jpeg.decode(Buffer.from(await picture.arrayBuffer())).width, 640);

  const till = connect(ready.terminal_ports.gate_out ?? 0, '127.0.0.1');
  const answers = createInterface({ input: till })[Symbol.asyncIterator]();
  till.write('{"id":"1","op":"charge","key":"k","amount":2000,"currency":"IDR"}\n');
  assert.match((await answers.next()).value as string, /"waiting"/);
  assert.match((await answers.next()).value as string, /"approved"/);
  till.destroy();

  assert.equal((await post(`/vehicles/${sent.body.vehicle_id}/back_out`, {})).status, 202);
  await until(async () => (await lane()).vehicles.length === 0);

  const tty = join(data, 'gate_out.tty');
  assert.ok(statSync(tty).isCharacterDevice());
  await post('/faults', { lane: 'gate_out', device: 'serial', fault: 'unplugged', active: true });
  assert.equal(existsSync(tty), false);
  assert.equal((await lane()).board.serial_plugged, false);
  await post('/faults', { lane: 'gate_out', device: 'serial', fault: 'unplugged', active: false });
  assert.ok(statSync(tty).isCharacterDevice());

  process.kill('SIGTERM');
  assert.deepEqual(await once(process, 'exit'), [0, null]);
  assert.equal(existsSync(tty), false);
  assert.match(readFileSync(join(data, 'terminal-gate_out.json'), 'utf8'), /"approved"/);
  assert.equal(statSync(join(data, 'eeprom-gate_out.bin')).size, 1_024);

  const again = await start();
  assert.equal((await api(again.ready).lane()).terminal.charges[0]?.outcome?.status, 'approved');
});

test('bad input to the control API gets a coded error', async (t) => {
  const { ready } = await workplace(t).start();
  const { post } = api(ready);
  for (const [path, body, status, code] of [
    ['/vehicles', { lane: 'gate_out' }, 400, 'invalid_input'],
    ['/vehicles', { lane: 'gate_out', plate: 'B 1', card: { bits: 26, value: 2 ** 24 } }, 400, 'invalid_input'],
    ['/vehicles', '{', 400, 'invalid_input'],
    ['/vehicles', `"${'x'.repeat(2_000_000)}"`, 413, 'too_large'],
    ['/vehicles', { lane: 'gate_9', plate: 'B 1' }, 404, 'unknown_lane'],
    ['/vehicles/gate_out.v9/leave', {}, 404, 'unknown_vehicle'],
    ['/vehicles/gate_out.v9/explode', {}, 400, 'invalid_input'],
    ['/faults', { lane: 'gate_out', device: 'arm', fault: 'stuck', active: true }, 400, 'invalid_input'],
    ['/nothing', {}, 404, 'not_found'],
  ] as const) {
    const answer = await post(path, body);
    assert.deepEqual([answer.status, answer.body.error?.code], [status, code], path);
  }
});

test('a bad configuration is refused with every mistake named', async (t) => {
  const path = join(workplace(t).data, 'bad.json');
  writeFileSync(
    path,
    JSON.stringify({ gateway: '', data_dir: 'x', hex: 'y', control_port: -1, camera_port: 0, lanes: [] }),
  );
  const process = spawn(globalThis.process.execPath, [MAIN, path], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  process.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  assert.deepEqual(await once(process, 'close'), [2, null]);
  for (const field of ['gateway', 'control_port', 'lanes']) assert.ok(said.includes(field), said);
});

test('a busy port is named and ends the process', async (t) => {
  const { data, start } = workplace(t);
  const { ready } = await start();
  const path = join(data, 'busy.json');
  const config = JSON.parse(readFileSync(join(data, 'site.json'), 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...config, camera_port: ready.camera_port }));
  const process = spawn(globalThis.process.execPath, [MAIN, path], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  process.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  assert.deepEqual(await once(process, 'close'), [1, null]);
  assert.match(said, new RegExp(`EADDRINUSE.*${ready.camera_port}`));
});
