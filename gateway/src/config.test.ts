import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@palang/contract/errors';
import { parseConfig, printConfig } from './config.js';

const minimal = `
gateway: gw-in
hub: { url: "http://127.0.0.1:8000", pairing_code: ABCD-EFGH-1234 }
data_dir: .data/gw-in
http: { port: 8001 }
lanes:
  - profile: { gate_id: gate_in, direction: in }
    board: { port: /dev/ttyACM0 }
`;
const exit = `${minimal}
  - profile: { gate_id: gate_out, direction: out, payments: [card, cash] }
    board: { port: /dev/ttyACM1 }
    terminal: { port: 9100 }
`;

function problems(text: string, environment: Record<string, string> = {}): string[] {
  try {
    parseConfig(text, environment);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'bad_config') return error.detail.problems as string[];
    throw error;
  }
  return [];
}

test('a short file is enough: the rest has defaults', () => {
  const config = parseConfig(minimal, {});
  assert.deepEqual(config.log, { level: 'INFO', dir: null });
  assert.deepEqual(config.http, { host: '0.0.0.0', port: 8001, max_connections: 100, request_timeout: 10_000 });
  assert.equal(config.lanes[0]?.profile.evidence, 'passageProven');
  assert.equal(config.lanes[0]?.camera, null);
});

test('every error is told at once, each with its path', () => {
  const text = `
gateway: Not A Name
hub: { url: "ftp://x", colour: red }
http: { port: 99999 }
lanes:
  - profile: { gate_id: gate_in, direction: sideways }
    board: { port: /dev/ttyACM0 }
`;
  const paths = problems(text).map((problem) => problem.split(':', 1)[0]);
  assert.deepEqual(
    paths.sort(),
    ['data_dir', 'gateway', 'hub', 'hub.url', 'http.port', 'lanes.0.profile.direction'].sort(),
  );
});

test('two lanes of one name or one board, and a payment without a terminal, are refused', () => {
  const twice = exit
    .replace('gate_out', 'gate_in')
    .replace('ttyACM1', 'ttyACM0')
    .replace('terminal: { port: 9100 }', '');
  const paths = problems(twice).map((problem) => problem.split(':', 1)[0]);
  assert.deepEqual(paths, ['lanes.1.profile.gate_id', 'lanes.1.board.port', 'lanes.1.terminal']);
});

test('the environment overrides the file, lane by lane', () => {
  const config = parseConfig(exit, {
    GATE_IN_ARDUINO_PORT: 'COM3',
    GATE_OUT_CAMERA_SOURCE: 'http://10.0.0.9/cam',
    GATE_IN_CARD_READER_PORT: 'board',
    CARD_TERMINAL_PORT: '10.0.0.7:9200',
    HUB_URL: 'https://hub.example',
    HTTP_PORT: '8101',
    LOG_LEVEL: 'debug',
    SIMULATION_MODE: 'true',
    DATA_DIR: '',
  });
  const [gateIn, gateOut] = config.lanes;
  assert.deepEqual([gateIn?.board.port, gateIn?.camera, gateIn?.terminal], ['COM3', null, null]);
  assert.deepEqual(gateOut?.camera, { source: 'http://10.0.0.9/cam' });
  assert.deepEqual(gateOut?.terminal, { host: '10.0.0.7', port: 9200 });
  assert.deepEqual(
    [config.hub.url, config.http.port, config.log.level, config.simulation, config.data_dir],
    ['https://hub.example', 8101, 'DEBUG', true, '.data/gw-in'],
  );
});

test('a variable that cannot be right is told beside the other errors', () => {
  const environment = { GATE_IN_CARD_READER_PORT: '/dev/ttyUSB7', CARD_TERMINAL_PORT: 'somewhere', HTTP_PORT: 'http' };
  const names = problems(exit, environment).map((problem) => problem.split(':', 1)[0]);
  assert.deepEqual(names, ['GATE_IN_CARD_READER_PORT', 'CARD_TERMINAL_PORT', 'http.port']);
});

test('text that is not YAML is told, not thrown', () => {
  assert.ok(problems('gateway: [').length > 0);
  assert.ok(problems('').length > 0);
});

test('the printed configuration reads back the same, without its secret', () => {
  const config = parseConfig(exit, {});
  const printed = printConfig(config);
  assert.ok(!printed.includes('ABCD-EFGH-1234'));
  assert.deepEqual(parseConfig(printed, { PAIRING_CODE: 'ABCD-EFGH-1234' }), config);
});
