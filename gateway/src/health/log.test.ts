import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog, type Level } from './log.js';

function setup(level: Level = 'INFO') {
  const lines: string[] = [];
  const log = createLog({
    level,
    component: 'gw-in',
    time: () => '2026-11-23T20:00:00.000Z',
    write: (line) => lines.push(line),
  });
  return { log, lines };
}

test('a line tells time, level, component, message and details, and stays one line', () => {
  const { log, lines } = setup();
  log.named('link').warn('The link is lost', { reason: 'reset\nby peer', after: 3, path: '/dev/ttyACM0' });
  assert.deepEqual(lines, [
    '2026-11-23T20:00:00.000Z WARN  link: The link is lost reason="reset\\nby peer" after=3 path=/dev/ttyACM0\n',
  ]);
});

test('lines below the level are not written', () => {
  const { log, lines } = setup('WARN');
  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');
  assert.deepEqual(
    lines.map((line) => line.trim().at(-1)),
    ['c', 'd'],
  );
});

test('credentials show their last digits only, wherever they stand, and secrets nothing', () => {
  const { log, lines } = setup();
  log.info('read w26:12345678', {
    credential: 'w34:4294967295',
    upload_token: 'abc',
    error: new Error('no card w26:77'),
  });
  const [line = ''] = lines;
  assert.ok(line.includes('read w26:****5678') && line.includes('w34:****7295') && line.includes('upload_token=****'));
  assert.ok(!line.includes('abc'));
});
