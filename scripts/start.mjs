// `npm start`: the whole site in simulation. Installs and builds what is missing, then runs the hub, and for each gate a gateway and a site process
// (emulated board, vehicles, loops, arm, camera, terminal). Options: --fresh (start empty), --data DIR, --free-ports, --json (one line of addresses when ready).
// While it runs it reads lines: `kill NAME` (SIGKILL, stays down), `start NAME`, `quit`.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { gatewayConfig, siteConfig } from './demo.mjs';
import { claim, release, takeOver } from './running.mjs';
import { build, ensurePackages, fail, root } from './setup.mjs';
import { printer, Supervisor } from './supervisor.mjs';

const GATES = [
  { gate: 'gate_in', direction: 'in' },
  { gate: 'gate_out', direction: 'out' },
];
const FIXED_PORTS = { hub: 8000, gate_in: 8001, gate_out: 8002 };
const READY_WITHIN = 60_000;

const { values: options } = parseArgs({
  options: {
    fresh: { type: 'boolean', default: false },
    data: { type: 'string', default: join(root, '.data') },
    'free-ports': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});

if (!options['no-build']) {
  ensurePackages();
  build();
}

const print = printer(12);
const data = resolve(options.data);
await takeOver(data, print);
if (options.fresh) empty(data);
mkdirSync(data, { recursive: true });
claim(data, []);
const secrets = demoSecrets(join(data, 'demo.json'));
const ports = await choosePorts();
const hubUrl = `http://127.0.0.1:${ports.hub}`;

const supervisor = new Supervisor(print, noteProcesses);
let leaving = false;
// SIGHUP: the terminal was closed. A broken pipe: who read our output is gone. Neither may leave processes behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void leave(0));
process.stdout.on('error', () => void leave(1));
process.on('exit', () => supervisor.abandon());

try {
  await startHub();
  await Promise.all(GATES.map(startSite));
  for (const gate of GATES) await startGateway(gate);
  await untilOnline();
  welcome();
  readCommands();
} catch (error) {
  if (!leaving) {
    print('palang', error.message);
    await leave(1);
  }
}

function startHub() {
  return supervisor.start('hub', process.execPath, [join(root, 'hub/dist/main.js')], {
    PORT: String(ports.hub),
    DATA_DIR: join(data, 'hub'),
    LOG_DIR: join(data, 'logs'),
    SIMULATION_MODE: 'true',
    SITE_CONTROL_URLS: JSON.stringify(
      Object.fromEntries(GATES.map(({ gate }) => [gate, `http://127.0.0.1:${ports[`${gate}_control`]}`])),
    ),
    BOOTSTRAP_ADMIN_PASSWORD: secrets.password,
    BOOTSTRAP_API_KEY: secrets.apiKey,
  });
}

function startSite({ gate, direction }) {
  const file = join(data, `site_${gate}.json`);
  writeFileSync(file, JSON.stringify(siteConfig({ gate, direction, data, ports, root }), null, 2));
  return supervisor.start(`site_${gate}`, process.execPath, [join(root, 'test/dist/site/main.js'), file], {});
}

/** A gateway that does not know the hub, or that the hub does not know, is given a one-time pairing code; the next starts need none. */
async function startGateway({ gate, direction }) {
  const { name, folder, yaml } = gatewayConfig({ gate, direction, data, ports, hubUrl });
  mkdirSync(folder, { recursive: true });
  const file = join(data, `${gate}.yaml`);
  writeFileSync(file, yaml);
  const known = await ask('GET', '/api/status');
  // A hub whose database is a server's remembers gateways whose folder was emptied.
  if (known.gates[gate] === undefined || !existsSync(join(folder, 'hub.pub'))) {
    const { code } = await ask('POST', '/api/gateways/pairing', { gateway: name });
    const pairing = join(folder, 'pairing.json');
    writeFileSync(pairing, JSON.stringify({ code }));
    chmodSync(pairing, 0o600);
  }
  await supervisor.start(gate, process.execPath, [join(root, 'gateway/dist/main.js'), '--config', file], {
    LOG_DIR: join(data, 'logs'),
  });
}

async function ask(method, path, body) {
  const response = await fetch(hubUrl + path, {
    method,
    headers: { authorization: `Bearer ${secrets.apiKey}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Ready means ready: both lanes online with their boards connected. */
async function untilOnline() {
  const deadline = performance.now() + READY_WITHIN;
  for (;;) {
    const status = await ask('GET', '/api/status');
    const missing = GATES.filter(({ gate }) => {
      const view = status.gates[gate];
      return view?.status !== 'online' || view.controller_status !== 'connected';
    });
    if (missing.length === 0) return;
    if (performance.now() > deadline) throw new Error(`not online: ${missing.map(({ gate }) => gate).join(', ')}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

function welcome() {
  if (options.json) {
    console.log(
      JSON.stringify({
        event: 'palang ready',
        hub: hubUrl,
        ports,
        data,
        ...secrets,
        pids: Object.fromEntries(supervisor.names().map((name) => [name, supervisor.pid(name)])),
      }),
    );
    return;
  }
  console.log(`
  Palang runs.

    open      ${hubUrl}
    sign in   admin / ${secrets.password}
    API key   ${secrets.apiKey}
    data      ${data}   (npm start -- --fresh begins empty)

  Send a car with the button on the page. Type "kill hub", "start hub", "kill gate_in" ... to see what happens without them; Ctrl-C stops.
`);
}

function readCommands() {
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => {
    const [verb, name] = line.trim().split(/\s+/);
    obey(verb, name).catch((error) => print('palang', error.message));
  });
}

async function obey(verb, name) {
  if (verb === '' || verb === undefined) return;
  if (verb === 'quit') return leave(0);
  if (verb === 'kill') {
    supervisor.kill(name);
    print('palang', `${name} killed`);
  } else if (verb === 'start') {
    await supervisor.resume(name);
    print('palang', `${name} started`);
  } else {
    print(
      'palang',
      `unknown command ${verb}; there are kill NAME, start NAME, quit; names are ${supervisor.names().join(', ')}`,
    );
  }
}

async function leave(code) {
  if (leaving) return;
  leaving = true;
  await supervisor.stop();
  release(data);
  process.exit(code);
}

/** So that the next start finds them, should this one be killed. */
function noteProcesses() {
  try {
    claim(data, supervisor.running());
  } catch (error) {
    print('palang', `the list of processes could not be written: ${error.message}`);
  }
}

/** What `--fresh` removes must be a folder of ours: a mistyped --data shall not cost somebody a home folder. */
function empty(folder) {
  const foreign = existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(join(folder, 'demo.json'));
  if (foreign) fail(`not_ours: ${folder} is no data folder of a site; --fresh leaves it as it is`);
  rmSync(folder, { recursive: true, force: true });
}

/** Made once per data folder: there are no default passwords, in the demo neither. */
function demoSecrets(file) {
  const stored = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const made = {
    password: process.env.BOOTSTRAP_ADMIN_PASSWORD ?? stored.password ?? randomBytes(9).toString('base64url'),
    apiKey: process.env.BOOTSTRAP_API_KEY ?? stored.apiKey ?? `pk_${randomBytes(24).toString('base64url')}`,
  };
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

async function choosePorts() {
  const names = [
    'hub',
    ...GATES.flatMap(({ gate }) => [gate, `${gate}_control`, `${gate}_camera`, `${gate}_terminal`]),
  ];
  const chosen = {};
  for (const name of names) {
    const fixed = options['free-ports'] ? undefined : FIXED_PORTS[name];
    chosen[name] = await listenOnce(fixed ?? 0).catch((error) =>
      fail(`port_busy: ${name} needs port ${fixed}: ${error.message}`),
    );
  }
  return chosen;
}

function listenOnce(port) {
  return new Promise((done, refuse) => {
    const server = createServer();
    server.once('error', refuse);
    server.listen(port, port === 0 ? '127.0.0.1' : undefined, () => {
      const { port: taken } = server.address();
      server.close(() => done(taken));
    });
  });
}
