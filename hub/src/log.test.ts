import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodedError } from '@palang/contract/errors';
import { openLogFile } from './adapters/logFile.js';
import { systemClock } from './adapters/systemClock.js';
import { createLog, type Level } from './log.js';

function logged(level: Level, write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  write(createLog({ level, clock: systemClock, formatTime: () => 'T', write: (line) => lines.push(line) }));
  return lines;
}

test('a line has its time, level, text and values', () => {
  const lines = logged('INFO', (log) => log.info('gateway connected', { gateway: 'gw-in', lanes: 1, note: 'a b' }));
  assert.deepEqual(lines, ['T INFO  gateway connected gateway=gw-in lanes=1 note="a b"']);
});

test('lines below the level are left out', () => {
  const lines = logged('WARN', (log) => {
    log.debug('one');
    log.info('two');
    log.warn('three');
    log.error('four');
  });
  assert.deepEqual(
    lines.map((line) => line.split(/ +/)[1]),
    ['WARN', 'ERROR'],
  );
});

test('an error is told by its code, on one line', () => {
  const [coded, plain] = logged('INFO', (log) => {
    log.warn('refused', { error: new CodedError('gateway_offline', 'Not connected', { lane: 'gate_in' }) });
    log.warn('failed', { error: new Error('first\nsecond') });
  });
  assert.match(coded ?? '', /error=gateway_offline: Not connected \{"lane":"gate_in"\}/);
  assert.equal(plain?.includes('\n'), false);
});

test('cards and keys are masked wherever they stand', () => {
  const [line = ''] = logged('INFO', (log) =>
    log.info('card w26:12345678 read', { pan: '4111111111111111', key: `pk_${'x'.repeat(40)}`, at: 1_795_392_000_000 }),
  );
  assert.equal(line, 'T INFO  card w26:****5678 read pan=****1111 key=pk_**** at=1795392000000');
});

test('a full log file is set aside, and only so many are kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'palang-log-'));
  try {
    const file = openLogFile(folder, 'central_hub.log', assert.ifError, 100, 2);
    for (let line = 0; line < 20; line++) file.write(`${line} ${'x'.repeat(30)}`);
    file.close();
    assert.deepEqual(readdirSync(folder).sort(), ['central_hub.log', 'central_hub.log.1', 'central_hub.log.2']);
    assert.match(readFileSync(join(folder, 'central_hub.log'), 'utf8'), /^1\d x/);
    const again = openLogFile(folder, 'central_hub.log', assert.ifError, 10_000, 2);
    again.write('after a restart');
    again.close();
    assert.match(readFileSync(join(folder, 'central_hub.log'), 'utf8'), /19 x+\nafter a restart\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a disk that takes no line costs lines and not the process, and how many is told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'palang-log-'));
  const path = join(folder, 'central_hub.log');
  try {
    // Every write to this device fails with ENOSPC.
    symlinkSync('/dev/full', path);
    const reported: unknown[] = [];
    const report = (error: unknown) => reported.push((error as { code?: string }).code);
    const file = openLogFile(folder, 'central_hub.log', report, 20, 2);
    for (let line = 0; line < 3; line++) file.write(`lost ${line}`);
    assert.deepEqual(reported, ['ENOSPC']);
    file.close();
    rmSync(path);
    for (const line of ['first again', 'the one that rotates']) file.write(line);
    file.close();
    assert.equal(readFileSync(`${path}.1`, 'utf8'), '(3 lines could not be written)\nfirst again\n');
    // What is set aside has a folder in its place: setting aside fails, and the next line is tried anew.
    mkdirSync(`${path}.2`);
    mkdirSync(join(`${path}.2`, 'in the way'));
    file.write('not written');
    assert.equal(reported.length, 2);
    file.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
